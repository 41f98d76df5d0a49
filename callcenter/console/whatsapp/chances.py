"""What the reader can do with a thread now, and why not: drawn disabled with the reason, or not drawn at all."""

from datetime import datetime, timedelta

from callcenter.calls.models import Thread
from callcenter.commands import rights
from callcenter.commands.models import Takeover
from callcenter.commands.situation import why_one_way
from callcenter.commands.takeover import UNDO_S, why_not_taken
from callcenter.console.whatsapp.list import ms, window_of
from callcenter.console.whatsapp.loading import ThreadParts, key_of
from callcenter.console.whatsapp.values import Chance, Composer, Desk
from callcenter.domain.commands.capability import why_unreachable
from callcenter.operators.models import Operator

CLOSED = "The contact wrote more than 24 hours ago: WhatsApp allows no message until they write again."
NEVER = "The contact has not written yet: WhatsApp allows no message."
WAITS = "The connection is down. What you send waits for it for 15 seconds; later it is not sent any more."


def desk_of(thread: Thread, reader: Operator, parts: ThreadParts, now: datetime) -> Desk:
    """Every button of the page."""
    acts, mine, agent = reader.can_act, thread.holder_id == reader.pk, thread.agent
    offered = agent.connection.provider == "pinecall"
    paused = thread.digits in agent.paused_contacts
    down = why_unreachable(why_one_way(agent.connection), listening=parts.listening)
    return Desk(
        key=key_of(thread, reader, parts),
        fence=thread.fence,
        take=Chance(acts and not mine, rights.may_take(reader, thread.holder) or why_not_taken(thread)),
        hand_back=Chance(acts and thread.holder is not None and (mine or reader.can_supervise)),
        give=Chance(acts and reader.can_supervise, why_not_taken(thread)),
        undo_ms=_undo_ms(thread, reader, parts.takeovers, now),
        pause=Chance(acts and offered and not paused, down),
        resume=Chance(acts and offered and paused and thread.holder is None, down),
        pause_agent=Chance(offered and reader.can_supervise and not agent.paused, down),
        resume_agent=Chance(offered and reader.can_supervise and agent.paused, down),
        note=Chance(acts),
    )


def composer_of(thread: Thread, reader: Operator, parts: ThreadParts, now: datetime) -> Composer:
    """Locked with the first reason against writing."""
    _, window = window_of(thread, now)
    warning = "" if parts.listening else WAITS
    if not reader.can_act:
        return Composer("locked", rights.READS_ONLY, "")
    if window in ("closed", "never"):
        return Composer("locked", CLOSED if window == "closed" else NEVER, "")
    one_way = why_one_way(thread.agent.connection)
    if one_way:
        return Composer("locked", one_way, "")
    if thread.holder_id == reader.pk:
        return Composer("send", "", warning)
    why = rights.may_take(reader, thread.holder)
    if why:
        return Composer("locked", why, "")
    return Composer("take", f"{thread.holder.display_name} answers now." if thread.holder else "", warning)


def _undo_ms(thread: Thread, reader: Operator, takeovers: list[Takeover], now: datetime) -> int | None:
    taken = next((taken for taken in reversed(takeovers) if taken.ended_at is None), None)
    if taken is None or taken.operator_id != reader.pk or thread.holder_id != reader.pk or taken.first_reply_at is not None:
        return None
    until = taken.began_at + timedelta(seconds=UNDO_S)
    return ms(until) if until > now else None
