"""Every Sippet name of events.csv: what it means, or why it has no effect."""

from collections.abc import Callable

from msgspec import Struct

from callcenter.domain.events.base import Event
from callcenter.providers.sippet import events
from callcenter.providers.sippet.fields import Body, Who
from callcenter.providers.values import fold

Reader = Callable[[Body, Who], Event | None]


class Row(Struct, frozen=True, kw_only=True):
    """``read`` makes the event, or ``reason`` says why the name has no effect. ``times``: its own time, best first.

    ``record``: it carries what the provider's books say, so one equal to the letter says nothing new, whenever it was asked.
    """

    durable: bool
    read: Reader | None = None
    reason: str = ""
    times: tuple[str, ...] = ()
    record: bool = False


CATALOGUE: dict[str, Row] = {
    "incoming_call": Row(durable=True, read=events.incoming, times=("started_at",)),
    "call_answered": Row(durable=True, read=events.answered, times=("answered_at",)),
    "call_ended": Row(durable=True, read=events.ended, times=("ended_at",)),
    "call_participant_joined": Row(durable=True, read=events.joined, times=("joined_at",)),
    "call_participant_left": Row(durable=True, read=events.left, times=("left_at",)),
    "call_transcript_delta": Row(durable=False, read=events.delta),
    "call_transcript_completed": Row(durable=True, read=events.completed),
    "call_ai_audit_event": Row(durable=True, read=events.audit),
    # Not sent by the provider: what our client asked for by RPC and put into frames, see snapshot.py.
    "fetched_call_ringing": Row(durable=True, read=events.incoming, times=("started_at",), record=True),
    "fetched_call_answered": Row(durable=True, read=events.answered, record=True),
    "fetched_call_ended": Row(durable=True, read=events.ended, times=("ended_at",), record=True),
    "fetched_participant_joined": Row(durable=True, read=events.joined, times=("joined_at",), record=True),
    "fetched_participant_left": Row(durable=True, read=events.left, times=("left_at",), record=True),
    "fetched_transcript": Row(durable=True, read=events.completed, record=True),
    "fetched_call_seen": Row(durable=False, read=events.seen),
    "phx_reply": Row(durable=False, reason="answers a join, a heartbeat or a push of the socket's owner"),
    "phx_error": Row(durable=False, reason="the channel crashed: the socket's owner joins again"),
    "phx_close": Row(durable=False, reason="the channel closed: the socket's owner joins again"),
}

_FOLDED = {fold(name): name for name in CATALOGUE}


def find(name: str) -> tuple[str, Row | None]:
    """The name of the catalogue and its row; the name itself and None when it is unknown."""
    if name not in CATALOGUE:
        name = _FOLDED.get(fold(name), name) if len(name) <= 100 else name
    return name, CATALOGUE.get(name)
