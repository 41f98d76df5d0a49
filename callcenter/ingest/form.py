"""What is at the other end of an ingest socket: the SDK's plain stream, which takes no commands, or more. Contract C.1, C.3."""

from typing import Any

from msgspec import Raw

from callcenter.ingest.message import Message, parse
from callcenter.providers.values import fold

# No stream of the SDK carries these: whoever sends one does more than to hand a socket to an agent.
BEYOND_STREAMS = frozenset(
    fold(name)
    for name in (
        "call.ringing", "call.dialing", "chat.started", "whatsapp.started", "session.idleWarning", "session.timeout", "call.held",
        "call.unheld", "call.muted", "call.unmuted", "call.forwarded", "call.dtmf_sent", "call.recording", "message.aborted",
        "credits.exhausted",
    )
)  # fmt: skip


class Form:
    """Made for one socket. A stream begins with its agent's name and never does what only a bridge does."""

    def __init__(self) -> None:
        self.greeted = self.does_more = False

    @property
    def is_stream(self) -> bool:
        return self.greeted and not self.does_more

    def answered(self) -> None:
        """It said what became of a command."""
        self.does_more = True

    def look(self, message: Message) -> None:
        """Learn from one message, until it is known to do more."""
        if self.does_more or message.source.provider != "pinecall":
            return
        self.does_more = message.envelope is not None
        for frame in () if self.does_more else map(_read, message.frames):
            self.does_more = self.does_more or _is_beyond(frame)
            self.greeted = self.greeted or _greets(frame)


def _read(frame: Any) -> Any:
    """Only what no envelope holds is read here as well as by the writer."""
    return parse(bytes(frame)) if isinstance(frame, Raw) else frame


def _is_beyond(frame: Any) -> bool:
    """A stream writes flat frames, names the agent as its owner does, and knows no event of the bridge."""
    if type(frame) is not dict:
        return False
    event = frame.get("event")
    return type(event) is not str or "agent_id" in frame or event.startswith("bridge.") or fold(event) in BEYOND_STREAMS


def _greets(frame: Any) -> bool:
    return type(frame) is dict and frame.get("event") == "connected" and type(frame.get("agent")) is str
