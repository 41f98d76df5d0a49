"""What the other side of an ingest socket says besides frames: whether it passed a command on, and for which agents it speaks."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import orjson
from msgspec import Struct

from callcenter.ingest.message import Message
from callcenter.providers.pinecall.fields import agent_of


class Reply(Struct, frozen=True):
    """``error`` None: the command was passed on."""

    command: UUID
    error: str | None


def read_reply(text: str) -> Reply | None:
    """``{"command": id, "status": "sent" | "failed", "error": "..."}``; None for anything else."""
    if '"command"' not in text or '"status"' not in text:
        return None
    try:
        value = orjson.loads(text)
        command = UUID(value["command"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    if value.get("status") == "sent":
        return Reply(command, None)
    if value.get("status") != "failed":
        return None
    error = value.get("error")
    return Reply(command, error if isinstance(error, str) and error else "Refused without a reason.")


def refuses_commands(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """``X-Commands: no`` in the handshake: this socket only sends frames, until it says otherwise."""
    return dict(headers).get(b"x-commands", b"").strip().lower() == b"no"


def read_wish(text: str) -> bool | None:
    """``{"commands": "yes" | "no"}``: whether the socket takes commands from now on; None for anything else."""
    if '"commands"' not in text:
        return None
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    wish = value["commands"] if isinstance(value, dict) and value.keys() == {"commands"} else None
    return {"yes": True, "no": False}.get(wish) if isinstance(wish, str) else None


def speaks_for(message: Message, agents: set[str]) -> None:
    """Add the slugs of the agents that frames of this message name."""
    if message.source.provider != "pinecall":
        return
    for frame in message.frames:
        name = _agent_in(frame)
        if name:
            agents.add(agent_of(name)[0])


def _agent_in(frame: Any) -> str:
    if type(frame) is not dict:
        return ""
    inner = frame.get("frame")
    if type(inner) is dict:
        frame = inner
    name = frame.get("agent_id") or frame.get("agent") or frame.get("agentId")
    if name is None and type(frame.get("data")) is dict:
        return _agent_in(frame["data"])
    return name if type(name) is str else ""
