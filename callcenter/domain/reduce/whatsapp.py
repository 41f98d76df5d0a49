"""WhatsApp lines of one provider session. Delivery is tied to them per thread: see domain.delivery."""

from callcenter.domain.events.base import Stamp
from callcenter.domain.events.whatsapp import WhatsAppAnswered, WhatsAppReceived
from callcenter.domain.reduce.common import line_of, repeated, say_text, touch_line
from callcenter.domain.reduce.lifecycle import name_contact
from callcenter.domain.state import CallState, Line

SAME_FRAME_S = 1.0


def _received(state: CallState, event: WhatsAppReceived, stamp: Stamp) -> None:
    state.contact = state.contact or event.contact
    if event.name:
        name_contact(state, event.name, stamp)
    line = _line(state, "contact", event.message_id, event.text, stamp)
    if line is not None:
        line.kind = event.kind


def _answered(state: CallState, event: WhatsAppAnswered, stamp: Stamp) -> None:
    state.contact = state.contact or event.contact
    line = _line(state, "operator" if event.human else "agent", event.message_id, event.text, stamp)
    if line is not None:
        line.human = event.human


def _line(state: CallState, speaker: str, message_id: str, text: str, stamp: Stamp) -> Line | None:
    """Keyed by the message's id, else by its sequence; without both only an immediate copy is the same line."""
    if message_id:
        line = line_of(state, message_id, speaker, stamp)
        line.message_id = message_id
    elif stamp.seq:
        line = line_of(state, f"{speaker}-seq-{stamp.seq}", speaker, stamp)
    else:
        known = repeated(state, speaker, text, stamp, SAME_FRAME_S)
        if known is not None:
            touch_line(state, known, stamp)
            return None
        line = line_of(state, f"{speaker}-{stamp.n}", speaker, stamp)
    say_text(line, text, stamp)
    return line


HANDLERS = {
    WhatsAppReceived: _received,
    WhatsAppAnswered: _answered,
}
