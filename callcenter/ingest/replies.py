"""What the other side of an ingest socket says besides frames: whether it passed a command on."""

from collections.abc import Iterable
from uuid import UUID

import orjson
from msgspec import Struct


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
