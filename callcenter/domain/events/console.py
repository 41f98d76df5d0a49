"""The console's own facts. They are journaled beside the provider's frames so that a refold gives the same rows."""

from callcenter.domain.events.base import AgentEvent, CallEvent, Event, ThreadEvent
from callcenter.domain.events.control import AgentSeen
from callcenter.domain.events.lifecycle import DialFailed, RecordingReceived


class LineSettled(CallEvent, frozen=True, kw_only=True):
    """What was heard of one line, assembled from ephemeral frames.

    ``words``: (index, word); ``text``: assembled pieces of a chat or Sippet draft, ``parts``: (sequence, piece) if they
    had one; ``at`` and ``seq``: the earliest provider's
    time (epoch s, None = none was given); ``arrived``: the first arrival; ``latency_ms``: from the end of the contact's turn.
    """

    key: str
    speaker: str = "agent"
    message_id: str = ""
    at: float | None = None
    seq: int = 0
    arrived: float = 0.0
    words: tuple[tuple[int, str], ...] = ()
    text: str = ""
    parts: tuple[tuple[int, str], ...] = ()
    latency_ms: int | None = None


class CallLost(CallEvent, frozen=True, kw_only=True):
    """No signal beyond the limits: closed by the console. A later live frame or a real end undoes it."""

    reason: str = "lost"


class CallFound(CallEvent, frozen=True, kw_only=True):
    """A live frame that is not journaled came for a call unknown so far, or closed by the console as lost."""


class PauseObserved(AgentEvent, frozen=True, kw_only=True):
    """A message's ``paused`` flag contradicted what we knew: see contract F.4. ``at``: the message's time, epoch s."""

    paused: bool
    at: float
    call: str = ""
    contact: str = ""


class HolderChanged(CallEvent, frozen=True, kw_only=True):
    """Who answers the contact changed. ``fence`` rises with every change; ``operator`` 0 = the agent.

    ``why``: taken_over | handed_back | reassigned | given_up | undone; ``by_name`` is who did it, "" = the console.
    """

    fence: int
    operator: int = 0
    name: str = ""
    by_name: str = ""
    why: str = ""


class ThreadHolderChanged(ThreadEvent, frozen=True, kw_only=True):
    """The same for a WhatsApp thread, across provider sessions."""

    fence: int
    operator: int = 0
    name: str = ""
    by_name: str = ""
    why: str = ""


FACTS: dict[str, type[CallEvent] | type[AgentEvent] | type[ThreadEvent]] = {
    "line.settled": LineSettled,
    "call.lost": CallLost,
    "call.found": CallFound,
    "pause.observed": PauseObserved,
    "agent.seen": AgentSeen,
    "recording.stored": RecordingReceived,
    "dial.failed": DialFailed,
    "holder.changed": HolderChanged,
    "thread.holder_changed": ThreadHolderChanged,
}
_NAMES = {kind: name for name, kind in FACTS.items()}


def name_of(fact: Event) -> str:
    """The name under which the journal keeps this fact."""
    return _NAMES[type(fact)]  # type: ignore[index]
