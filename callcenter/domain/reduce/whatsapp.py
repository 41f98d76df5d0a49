"""WhatsApp lines of one provider session. Delivery is tied to them per thread: see domain.delivery."""

from callcenter.domain.events.base import Stamp
from callcenter.domain.events.whatsapp import WhatsAppAnswered, WhatsAppReceived
from callcenter.domain.reduce.common import Handlers, line_of, loose_line, say_text
from callcenter.domain.reduce.lifecycle import name_contact
from callcenter.domain.state import CallState, Line

SAME_FRAME_S = 1.0


def _received(state: CallState, event: WhatsAppReceived, stamp: Stamp) -> None:
    state.contact = state.contact or event.contact
    if event.name:
        name_contact(state, event.name, stamp)
    _line(state, "contact", event.message_id, event.text, stamp).kind = event.kind


def _answered(state: CallState, event: WhatsAppAnswered, stamp: Stamp) -> None:
    state.contact = state.contact or event.contact
    _line(state, "operator" if event.human else "agent", event.message_id, event.text, stamp).human = event.human


def _line(state: CallState, speaker: str, message_id: str, text: str, stamp: Stamp) -> Line:
    """Keyed by the message's id, else by its marks; without both only an immediate copy is the same line. Contract F.7."""
    if message_id:
        line = line_of(state, message_id, speaker, stamp)
        line.message_id = message_id
    else:
        line = loose_line(state, speaker, text, stamp, SAME_FRAME_S)
    say_text(line, text, stamp)
    return line


HANDLERS: Handlers = {
    WhatsAppReceived: _received,
    WhatsAppAnswered: _answered,
}
