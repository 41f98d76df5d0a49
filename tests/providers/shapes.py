"""The same frame in other spellings and envelopes."""

import json
from typing import Any

Frame = dict[str, Any]


def camel(key: str) -> str:
    first, *others = key.split("_")
    return first + "".join(word.capitalize() for word in others)


def camel_keys(frame: Frame) -> Frame:
    return {camel(key): value for key, value in frame.items()}


def as_stream(frame: Frame) -> Frame:
    """Keys as agent.ws writes them; the customer's spelling of the agent beside the server's."""
    copy = camel_keys(frame)
    if "agentId" in copy and "agent" not in copy:
        copy["agent"] = copy["agentId"]
    return copy


def apart(frame: Frame) -> Frame:
    """Name and body apart."""
    return {"event": frame["event"], "data": {key: value for key, value in frame.items() if key != "event"}}


def as_sse(frame: Frame) -> Frame:
    """An SSE pair whose data is still text, and repeats the name."""
    return {"event": frame["event"], "data": json.dumps(frame)}


def wrapped(frame: Any, **around: Any) -> Frame:
    return {**around, "frame": frame}


def renamed(frame: Frame, name: str) -> Frame:
    return {**frame, "event": name}


def shouted(frame: Frame) -> Frame:
    """Only case and underscores of the name differ."""
    return renamed(frame, frame["event"].replace("_", "").upper())
