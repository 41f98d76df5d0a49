"""One reducer for calls: ``reduce(state, event, stamp)``. Pure: no clock, no database, no random.

The state is changed in place and returned; the caller owns it. Every handler is idempotent, and gives the same state in
any order of arrival for events that carry a time, a sequence or an id.
"""

from callcenter.domain.events.base import CallEvent, Stamp
from callcenter.domain.reduce import console, lifecycle, live, speech, telephony, whatsapp, work
from callcenter.domain.reduce.common import Handlers, see
from callcenter.domain.state import CallState

HANDLERS: Handlers = {
    **lifecycle.HANDLERS,
    **speech.HANDLERS,
    **live.HANDLERS,
    **telephony.HANDLERS,
    **work.HANDLERS,
    **whatsapp.HANDLERS,
    **console.HANDLERS,
}


def reduce(state: CallState, event: CallEvent, stamp: Stamp, durable: bool = True) -> CallState:
    """Fold one event. ``durable`` = it stands in the journal under ``stamp.n``; ephemeral ones leave no durable trace."""
    see(state, event, stamp, durable)
    HANDLERS[type(event)](state, event, stamp)
    return state
