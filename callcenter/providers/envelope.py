"""Envelopes around a frame that both providers share: the wrapper of the ingest interface, and text inside ``data``."""

from typing import Any

import msgspec
from msgspec import Struct

from callcenter.domain.decoded import Unreadable
from callcenter.providers.values import epoch, sequence

NESTED = 3


class Unwrapped(Struct, frozen=True):
    """The frame inside its wrapper; ``seq`` and ``ts`` are the wrapper's, None = it has none."""

    frame: Any
    seq: int | None = None
    ts: float | None = None


def unwrap(frame: Any) -> Unwrapped:
    """Open ``{"seq", "ts", "frame"}``. Raises Unreadable when what is wrapped is no frame."""
    seq: int | None = None
    ts: float | None = None
    for _ in range(NESTED):
        if not is_wrapper(frame):
            return Unwrapped(frame, seq, ts)
        own_seq, own_ts = sequence(frame.get("seq")), epoch(frame.get("ts"))
        seq = own_seq if own_seq is not None else seq
        ts = own_ts if own_ts is not None else ts
        frame = frame["frame"]
        if type(frame) is not dict and type(frame) is not list:
            raise Unreadable("the wrapped frame is neither an object nor an array")
    raise Unreadable("wrapped too often")


def is_wrapper(frame: Any) -> bool:
    """A frame has a name; a wrapper has none."""
    return type(frame) is dict and "frame" in frame and not frame.get("event") and not frame.get("type")


def parse_data(frame: Any, depth: int = NESTED) -> Any:
    """The frame with ``data`` as an object where it was the text of one (a line of SSE), in a wrapper too."""
    if type(frame) is not dict:
        return frame
    if depth and is_wrapper(frame):
        return {**frame, "frame": parse_data(frame["frame"], depth - 1)}
    data = frame.get("data")
    if type(data) is str and data.lstrip()[:1] == "{":
        parsed = parse_json(data)
        if type(parsed) is dict:
            return {**frame, "data": parsed}
    return frame


def parse_json(value: str) -> Any:
    """Any JSON value, or the text itself when it is not valid JSON."""
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return value
