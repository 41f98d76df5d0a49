"""WhatsApp: messages, answers and delivery."""

from callcenter.domain.events.base import CallEvent, ThreadEvent


class WhatsAppReceived(CallEvent, frozen=True, kw_only=True):
    """A message of the contact. ``contact``: digits. ``paused``: the model did not answer (None = not said)."""

    contact: str
    name: str = ""
    message_id: str = ""
    kind: str = "text"
    text: str = ""
    paused: bool | None = None


class WhatsAppAnswered(CallEvent, frozen=True, kw_only=True):
    """A message to the contact; ``human`` when an operator wrote it. Usually without ``message_id``."""

    contact: str
    text: str
    human: bool = False
    message_id: str = ""


class WhatsAppDelivered(ThreadEvent, frozen=True, kw_only=True):
    """A delivery report. ``status``: sent | delivered | read | failed."""

    status: str
    message_id: str
    call: str = ""
    error: str = ""
