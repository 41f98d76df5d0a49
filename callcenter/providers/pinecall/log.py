"""The envelope of the later call log, put into the words of a flat frame. Contract A.3 and I.3."""

from typing import Any

from callcenter.providers.pinecall.fields import shape_of, snake_keys
from callcenter.providers.values import fold, mapping

Body = dict[str, Any]


def is_log(frame: Body) -> bool:
    """It is named by ``type`` where every other frame is named by ``event``."""
    return type(frame.get("type")) is str and not frame.get("event")


def flatten(frame: Body) -> tuple[str, Body]:
    """Event name and fields; the envelope's own conversation, agent, seq and ts stand in where ``data`` has none."""
    name: str = frame["type"]
    body = dict(snake_keys(mapping(frame.get("data")) or {}))
    if type(body.get("call_id")) is not str:
        body["call_id"] = body.pop("call", None) if frame.get("call") is None else frame["call"]
    if type(frame.get("agent")) is str:
        body["agent"] = frame["agent"]
    for key in ("seq", "ts"):
        if frame.get(key) is not None:
            body[key] = frame[key]
    if body.get("transport") is None:
        body["transport"] = body.get("channel")
    if type(body.get("id")) is str:
        body.setdefault("message_id", body["id"])
    if fold(name) in ("tool.result", "llm.toolresult") and frame.get("ephemeral"):
        body["ephemeral"] = True
    if fold(name) == "bot.speaking" and _is_chat(body):
        name = "llm.chat.chunk" if frame.get("ephemeral") else "chat.response"
    return name, body


def _is_chat(body: Body) -> bool:
    call = body.get("call_id")
    return body.get("transport") == "chat" or (type(call) is str and len(call) <= 200 and shape_of(call) == "chat")
