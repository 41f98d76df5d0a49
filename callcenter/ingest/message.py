"""What came through the door: one message of frames, from a socket or over HTTP, and its answer."""

import json
import re
from datetime import datetime
from typing import Any

import msgspec
import orjson
from msgspec import Raw, Struct, field

from callcenter.domain.events.console import CallLost
from callcenter.domain.events.control import CallsListed
from callcenter.providers.values import clean

MAX_FRAMES = 1000
MAX_MESSAGE = 8 * 1024 * 1024
MAX_BODY = 96 * 1024 * 1024
KEPT_TEXT = 65536  # characters of what cannot be read
_ID = re.compile(r'"id"\s*:\s*(-?\d{1,18})\b')


class Source(Struct, frozen=True):
    """The connection a message came from. ``by_runner``: with the runner's credential, which speaks for all its agents."""

    id: int
    slug: str
    provider: str
    team: int
    by_runner: bool = False


class Message(Struct):
    """``frames`` are parsed JSON, a Raw that is parsed later, or an Unparsed where there was none. ``stream`` "" = no exactly-once key.

    ``passing``: the stream was made here for one request, and its position need not be kept for ever.
    ``agents``: slugs that its frames name, ``passed``: how many levels were not read; known when they are decoded.
    """

    source: Source
    frames: list[Any]
    received: datetime
    stream: str = ""
    envelope: int | None = None
    passing: bool = False
    agents: set[str] = field(default_factory=set)
    passed: int = 0


class _Envelope(Struct):
    """An envelope whose frames are parsed one by one, in the writer's thread."""

    frames: list[Raw]
    stream: Any = None
    id: Any = None
    event: Any = None


_open_envelope = msgspec.json.Decoder(_Envelope).decode


class Unparsed(Struct, frozen=True):
    """A piece of text that is not JSON."""

    text: str


class Fact(Struct, frozen=True):
    """Something the console itself has to journal."""

    source: Source
    fact: CallLost


class Listed(Struct, frozen=True):
    """The calls that a bridge knew; ``received``: when it said so, epoch s."""

    source: Source
    event: CallsListed
    received: float


class Answer(Struct):
    """accepted + duplicates + rejected = frames sent."""

    ack: int | None
    accepted: int = 0
    duplicates: int = 0
    rejected: list[tuple[int, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "ack": self.ack,
            "accepted": self.accepted,
            "duplicates": self.duplicates,
            "rejected": [{"index": index, "error": error} for index, error in sorted(self.rejected)],
        }


class TooLarge(ValueError):
    """Over the limits of one message; ``ack`` is the envelope's id if it can be told."""

    def __init__(self, ack: int | None) -> None:
        super().__init__("too_large")
        self.ack = ack


def open_text(source: Source, text: str, received: datetime) -> Message:
    """Read one socket message: a frame, a Phoenix array, an array of frames, or an envelope."""
    data = text.encode()
    if len(data) > MAX_MESSAGE:
        raise TooLarge(_id_at_the_edge(text))
    if text[:1] == "{":
        if '"frames"' not in text:
            return Message(source, [Raw(data)], received)
        try:
            told = _open_envelope(data)
        except (msgspec.DecodeError, RecursionError):
            pass  # no envelope, or one that needs a more lenient reader
        else:
            if told.event is None:
                return open_envelope(source, told.stream, told.id, told.frames, received)
    value = parse(text)
    if isinstance(value, Unparsed):
        return Message(source, [value], received)
    return open_value(source, value, received, MAX_FRAMES)


def parse(text: str | bytes) -> Any:
    """Any JSON value, or an Unparsed. What only some writers take for JSON (half a surrogate pair, NaN, huge integers) is read too."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        pass
    try:
        return json.loads(text)
    except (ValueError, RecursionError):  # a UnicodeDecodeError is a ValueError
        return Unparsed(text[:KEPT_TEXT] if isinstance(text, str) else text[:KEPT_TEXT].decode("utf-8", "replace"))


def open_value(source: Source, value: Any, received: datetime, limit: int) -> Message:
    """The same for JSON already parsed; ``limit`` frames at most."""
    if is_envelope(value):
        return open_envelope(source, value.get("stream"), value.get("id"), value["frames"], received, limit)
    frames = value if isinstance(value, list) and not is_phoenix(value) else [value]
    if len(frames) > limit:
        raise TooLarge(None)
    return Message(source, frames, received)


def open_envelope(source: Source, stream: Any, envelope: Any, frames: list[Any], received: datetime, limit: int = MAX_FRAMES) -> Message:
    """Stream and id may be anything; what is no name or number counts as absent."""
    numbered = isinstance(envelope, int) and not isinstance(envelope, bool) and abs(envelope) < 2**63
    ack = envelope if numbered else None
    if len(frames) > limit:
        raise TooLarge(ack)
    named = isinstance(stream, str) and 0 < len(stream) <= 100 and clean(stream) == stream
    return Message(source, frames, received, stream if named and numbered else "", ack)


def is_envelope(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("frames"), list) and "event" not in value


def is_phoenix(value: list[Any]) -> bool:
    """``[join_ref, ref, topic, event, payload]`` is one frame, not five."""
    return (
        len(value) == 5
        and all(ref is None or isinstance(ref, str) for ref in value[:2])
        and isinstance(value[2], str)
        and isinstance(value[3], str)
        and isinstance(value[4], dict)
    )


def _id_at_the_edge(text: str) -> int | None:
    """The envelope's id without parsing megabytes: it stands before the frames or behind them."""
    found = _ID.search(text[:400]) or _ID.search(text[-200:])
    return int(found[1]) if found else None
