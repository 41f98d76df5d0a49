"""From an entry back to its event: a refold reads the journal exactly as ingest read the wire."""

import msgspec
import orjson

from callcenter.domain.events.base import Event
from callcenter.domain.events.console import FACTS, name_of
from callcenter.domain.events.lifecycle import RecordingReceived
from callcenter.providers.decode import decode


def event_of(provider: str, origin: str, frame: str) -> Event | None:
    """The event of one entry, None when it has no effect."""
    data = orjson.loads(frame)
    if origin == "console":
        return msgspec.convert(data["fact"], FACTS[data["event"]])
    event = decode(provider, data).event
    if isinstance(event, RecordingReceived):
        return with_file(event, data.get("stored") or {})
    return event


def fact_frame(fact: Event) -> dict[str, object]:
    """How a fact of the console stands in the journal."""
    return {"event": name_of(fact), "fact": msgspec.to_builtins(fact)}


def fact_text(frame: dict[str, object]) -> str:
    """The same as it is stored."""
    return orjson.dumps(frame).decode()


def with_file(event: RecordingReceived, stored: dict[str, str]) -> RecordingReceived:
    """The same recording with the name and digest of its file."""
    return msgspec.structs.replace(event, file=stored.get("file", ""), digest=stored.get("digest", ""))
