"""What this client knows of calls while it runs: which are open, what was heard of them, what was handed on already."""

from collections import OrderedDict
from collections.abc import Iterable
from itertools import islice
from time import monotonic
from typing import Any

import msgspec
from msgspec import Struct, field

from callcenter.domain.decoded import Unreadable
from callcenter.providers.sippet.catalogue import find
from callcenter.providers.sippet.fields import identify, item_of, read_body
from callcenter.providers.sippet.snapshot import Record
from callcenter.providers.values import name, text

MOST_CALLS = 5000
MOST_ITEMS = 500
OLDEST = 20
IMPORTANT = frozenset({"incoming_call", "call_answered", "call_ended"})


class Known(Struct):
    """One call. ``id``: of its record, "" = not known yet. ``heard``: monotonic s of the last frame or fetch."""

    call: str
    id: str = ""
    open: bool = True
    heard: float = 0.0
    told: int = 0  # digest of the record handed on last
    items: set[int] = field(default_factory=set)  # utterances handed on: digests of item and words


class Book:
    """At most 5,000 calls; those that are over and the oldest go first."""

    def __init__(self) -> None:
        self.calls: OrderedDict[str, Known] = OrderedDict()

    def watch(self, event: object, payload: object) -> str:
        """Note a realtime frame. Returns the call when it should be fetched: unknown so far, answered, or ended; else ""."""
        if not isinstance(event, str) or not isinstance(payload, dict) or event == "call_transcript_delta":
            return ""
        kind = find(event)[0]
        try:
            body = read_body(payload)
            uuid = identify(body).call
        except Unreadable:
            return ""
        if not uuid:
            return ""
        known = self.calls.get(uuid)
        new = known is None
        known = known or self.add(uuid)
        known.heard = monotonic()
        known.id = known.id or name(body.get("call_id"))
        if kind == "call_ended":
            known.open = False
        elif kind == "call_transcript_completed" and len(known.items) < MOST_ITEMS:
            known.items.add(_utterance(body))
        return uuid if new or kind in IMPORTANT else ""

    def is_news(self, record: Record) -> bool:
        """Note a fetched record. False when the same one was handed on before."""
        known = self.calls.get(record.call) or self.add(record.call)
        known.id, known.heard = record.id or known.id, monotonic()
        known.open = known.open and record.state != "ended"
        digest = hash(msgspec.json.encode(record.frame))
        news, known.told = digest != known.told, digest
        return news

    def is_heard(self, call: str, row: Any) -> bool:
        """Were these words of this utterance handed on already?"""
        known = self.calls.get(call)
        return known is not None and _utterance(read_body({"item": row})) in known.items

    def note(self, call: str, row: Any) -> None:
        """They are now."""
        known = self.calls.get(call)
        if known is not None and len(known.items) < MOST_ITEMS:
            known.items.add(_utterance(read_body({"item": row})))

    def add(self, uuid: str) -> Known:
        known = self.calls[uuid] = Known(uuid)
        if len(self.calls) > MOST_CALLS:
            oldest = list(islice(self.calls.values(), OLDEST))
            del self.calls[next((one for one in oldest if not one.open), oldest[0]).call]
        return known

    def open_calls(self, quiet_s: float = 0.0) -> list[str]:
        """Those not known to be over, of which nothing was heard for so long."""
        before = monotonic() - quiet_s
        return [uuid for uuid, known in self.calls.items() if known.open and known.heard <= before]

    def close(self, calls: Iterable[str]) -> None:
        """Asked for by name, the provider did not know them: they are not asked for again."""
        for uuid in calls:
            if uuid in self.calls:
                self.calls[uuid].open = False


def _utterance(body: dict[str, Any]) -> int:
    return hash((item_of(body), text(body.get("text")) or text(body.get("content")) or text(body.get("transcript"))))
