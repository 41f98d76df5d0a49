"""Sippet's many spellings of one frame: two casings, flat, nested, wrapped, or a Phoenix array.

No payload of Sippet is documented, so a call is spelled in one casing, and each frame in one of the
wrappings the contract lists (sippet.md 3.2, 4.1 and the sample files).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from callcenter.providers.simulator.frame import Frame, Freedom, encode
from callcenter.providers.simulator.identity import uuid
from callcenter.providers.simulator.pinecall_form import camel

JOIN = "1"
ORDERED = {"call_transcript_delta": Freedom.ONCE, "call_transcript_completed": Freedom.KEPT}
EPHEMERAL = {"call_transcript_delta"}
INSIDE = {
    "call_participant_joined": "participant",
    "call_participant_left": "participant",
    "call_transcript_delta": "item",
    "call_transcript_completed": "item",
    "call_ai_audit_event": "audit_event",
}
EVENTS = ("incoming_call", "call_answered", "call_ended", *INSIDE)


@dataclass(frozen=True, slots=True)
class Spelling:
    """How one call is written: casing, nesting, with item ids or without, and the way of its times."""

    camel: bool
    nested: bool
    items: bool
    epoch_ms: bool


def spelling(rng: Random) -> Spelling:
    """A spelling for a call. Only the snake_case one goes without item ids, as in the samples."""
    in_camel = rng.random() < 0.5
    nested = rng.random() < 0.25
    return Spelling(in_camel, nested, in_camel or nested or rng.random() < 0.4, rng.random() < 0.15)


def agent_id(agent: str) -> str:
    """The id by which the provider calls the agent of one of the businesses; it tells no name."""
    return uuid(Random(agent))


class SippetForm:
    """Encodes the events of one call; ``wrapping`` is ``flat``, ``phoenix`` or ``mixed``."""

    def __init__(self, call_uuid: str, call_id: str, wrapping: str, rng: Random) -> None:
        self.call_uuid = call_uuid
        self.call_id = call_id
        self.wrapping = wrapping
        self.rng = rng
        self.spelling = spelling(rng)

    def time(self, epoch: float) -> str | int:
        """A time as this call spells it: ISO-8601 in UTC, or epoch milliseconds."""
        if self.spelling.epoch_ms:
            return round(epoch * 1000)
        return datetime.fromtimestamp(epoch, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def encode(self, event: str, fields: Mapping[str, object]) -> Frame:
        """One frame. A field without a value is left out."""
        given = {key: value for key, value in fields.items() if value is not None}
        payload = self._nested(event, given) if self.spelling.nested else self._flat(given)
        data = encode(self._wrapped(event, payload))
        timeless = event == "call_answered" and "answered_at" not in given
        freedom = Freedom.KEPT if timeless else ORDERED.get(event, Freedom.LOOSE)
        return Frame(data, self.call_uuid, event not in EPHEMERAL, freedom)

    def _flat(self, fields: Mapping[str, object]) -> dict[str, object]:
        return self._cased({"call_uuid": self.call_uuid, "call_id": self.call_id, **fields})

    def _nested(self, event: str, fields: Mapping[str, object]) -> dict[str, object]:
        call = {"call_uuid": self.call_uuid, "id": self.call_id}
        inside = INSIDE.get(event)
        if inside is None:
            return {"call": self._cased({**call, **fields})}
        return {"call": self._cased(call), self._name(inside): self._cased(fields)}

    def _cased(self, fields: Mapping[str, object]) -> dict[str, object]:
        return {self._name(key): value for key, value in fields.items()}

    def _name(self, key: str) -> str:
        return camel(key) if self.spelling.camel else key

    def _wrapped(self, event: str, payload: dict[str, object]) -> object:
        choice = self.rng.random()
        if self.wrapping == "phoenix" or (self.wrapping == "mixed" and choice < 0.5):
            return [JOIN if choice < 0.2 else None, None, "events", event, payload]
        if choice < 0.75:
            return {"event": event, **payload}
        return {"event": event, "payload": payload}


def joined() -> Frame:
    """The socket of the relay has joined the channel."""
    return control([JOIN, "1", "events", "phx_reply", {"status": "ok", "response": {}}])


def heartbeat(number: int) -> Frame:
    """A heartbeat that was answered."""
    return control([None, str(number), "phoenix", "phx_reply", {"status": "ok", "response": {}}])


def control(array: list[object]) -> Frame:
    """A Phoenix frame that belongs to no call."""
    return Frame(encode(array), "control", False, Freedom.KEPT)
