"""WhatsApp lines of one provider session. Delivery is tied to them per thread: see domain.delivery."""

from callcenter.domain.events.base import Stamp
from callcenter.domain.events.whatsapp import WhatsAppAnswered, WhatsAppReceived
from callcenter.domain.reduce.common import Handlers, line_of, loose_line, tell_line
from callcenter.domain.reduce.lifecycle import name_contact
from callcenter.domain.state import CallState, Line

SAME_FRAME_S = 1.0


def _received(state: CallState, event: WhatsAppReceived, stamp: Stamp) -> None:
    state.contact = state.contact or event.contact
    if event.name:
        name_contact(state, event.name, stamp)
    tell_line(_line(state, "contact", event.message_id, event.text, stamp), stamp, text=event.text, kind=event.kind)


def _answered(state: CallState, event: WhatsAppAnswered, stamp: Stamp) -> None:
    state.contact = state.contact or event.contact
    speaker = "operator" if event.human else "agent"
    line = _line(state, speaker, event.message_id, event.text, stamp)
    tell_line(line, stamp, text=event.text, speaker=speaker, human=event.human)


def _line(state: CallState, speaker: str, message_id: str, text: str, stamp: Stamp) -> Line:
    """Keyed by the message's id, else by its marks; without both only an immediate copy is the same line. Contract F.7."""
    if message_id:
        line = line_of(state, message_id, speaker, stamp)
        line.message_id = message_id
    else:
        line = loose_line(state, speaker, text, stamp, SAME_FRAME_S)
    return line


HANDLERS: Handlers = {
    WhatsAppReceived: _received,
    WhatsAppAnswered: _answered,
}
