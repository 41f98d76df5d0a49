"""Who speaks, and what is said: voice and chat of both providers."""

from callcenter.domain.events.base import CallEvent


class SpeechStarted(CallEvent, frozen=True, kw_only=True):
    """Ephemeral: the contact begins to speak."""


class SpeechEnded(CallEvent, frozen=True, kw_only=True):
    """Ephemeral: the contact stopped."""


class TurnEnded(CallEvent, frozen=True, kw_only=True):
    """Ephemeral: the contact's turn is over. ``latency_ms`` of the detector."""

    latency_ms: int | None = None


class TurnContinued(CallEvent, frozen=True, kw_only=True):
    """Ephemeral: the contact went on after a turn signal."""


class Thinking(CallEvent, frozen=True, kw_only=True):
    """Ephemeral: a model generation is being prepared."""


class IdleWarned(CallEvent, frozen=True, kw_only=True):
    """Ephemeral: the contact is silent; the call ends in ``remaining_s`` unless they speak."""

    remaining_s: float = 0


LEVEL_SIDES = {"contact": 0, "agent": 1}  # places in CallState.levels


class LevelMeasured(CallEvent, frozen=True, kw_only=True):
    """Ephemeral: a level meter. ``side``: contact | agent; ``level`` 0 to 1."""

    side: str
    level: float


class ContactInterim(CallEvent, frozen=True, kw_only=True):
    """Ephemeral: interim transcript of the contact; each text replaces the one before."""

    message_id: str = ""
    text: str


class ContactMessage(CallEvent, frozen=True, kw_only=True):
    """Final text of the contact. Without ``message_id``: the same text within 2 s is the same line."""

    message_id: str = ""
    text: str
    language: str = ""
    turn: int = 0


class AgentSpeaking(CallEvent, frozen=True, kw_only=True):
    """The agent begins to speak one message; ``text`` is announced, not yet heard ("" when it is streamed)."""

    message_id: str
    text: str = ""


class AgentReplied(CallEvent, frozen=True, kw_only=True):
    """A whole chat reply: the text is the line. It has no id on older servers."""

    message_id: str = ""
    text: str


class AgentPiece(CallEvent, frozen=True, kw_only=True):
    """Ephemeral: a piece of a streamed chat reply, a delta or cumulative."""

    message_id: str
    text: str


class AgentWord(CallEvent, frozen=True, kw_only=True):
    """Ephemeral: one word left the loudspeaker. ``index`` from 0, None = not numbered."""

    message_id: str
    word: str
    index: int | None = None


class AgentFinished(CallEvent, frozen=True, kw_only=True):
    """Playback complete."""

    message_id: str
    text: str = ""


class AgentInterrupted(CallEvent, frozen=True, kw_only=True):
    """The contact spoke over the agent. ``words`` = how many were heard, None = not said."""

    message_id: str
    reason: str = ""
    words: int | None = None
    played_ms: int | None = None


class AgentConfirmed(CallEvent, frozen=True, kw_only=True):
    """An agent's message is part of the model's history: its final text."""

    message_id: str
    text: str


class AgentAborted(CallEvent, frozen=True, kw_only=True):
    message_id: str
    reason: str = ""


class ReplyRejected(CallEvent, frozen=True, kw_only=True):
    """A reply referred to an older message of the contact: nothing of it was spoken."""

    message_id: str
    reason: str = ""


class TranscriptDelta(CallEvent, frozen=True, kw_only=True):
    """Ephemeral (Sippet): a piece of an utterance. ``item`` is "" when the frame has none."""

    item: str
    speaker: str  # contact | agent | operator
    text: str


class TranscriptCompleted(CallEvent, frozen=True, kw_only=True):
    """Sippet: the final text of an utterance, replaces its draft. Without ``text`` only a mark."""

    item: str
    speaker: str
    text: str
