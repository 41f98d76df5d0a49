"""A call as the capability table sees it."""

from __future__ import annotations

from datetime import datetime

from callcenter.calls.models import Agent, Call, Thread
from callcenter.commands.sockets import is_listening
from callcenter.domain.commands import capability
from callcenter.domain.commands.capability import WINDOW_S, Situation
from callcenter.domain.commands.order import Verb
from callcenter.journal.models import Connection
from callcenter.journal.outbound.health import absent_of
from callcenter.providers.sippet.encode import action_of


def situation_of(call: Call, now: datetime) -> Situation:
    """Two queries at most: is a socket open, and for WhatsApp nothing more than the thread that came with the call."""
    agent = call.agent
    return Situation(
        provider=call.connection.provider,
        channel=call.channel,
        status=call.status,
        direction=call.direction,
        held=call.held,
        muted=call.muted,
        has_agent=agent is not None,
        on_line=agent is not None and agent.is_line,
        one_way=why_one_way(call.connection),
        listening=is_listening(call.connection_id, agent.slug if agent else "", now),
        window_left_s=window_left_s(call.thread, now) if call.thread is not None else None,
        lacking=lacking(call.connection),
    )


def lacking(connection: Connection) -> dict[Verb, str]:
    """Verbs that the account behind this connection was found not to know. No query for one that was read ``with_health``."""
    absent = absent_of(connection)
    return {verb: absent[action_of(verb)] for verb in Verb if action_of(verb) in absent} if absent else {}


def why_one_way(connection: Connection) -> str:
    """Why it carries no commands, however it stands now; "" = it does."""
    return capability.why_one_way(carries_commands=connection.carries_commands, posts_only=connection.posts_only)


def why_unreachable(agent: Agent, now: datetime) -> str:
    """Why nothing can be asked of this agent now, "" = it can; one query."""
    return capability.why_unreachable(why_one_way(agent.connection), listening=is_listening(agent.connection_id, agent.slug, now))


def window_left_s(thread: Thread, now: datetime) -> float | None:
    """Seconds in which WhatsApp still takes a message; None when the contact never wrote. It may be negative."""
    if thread.last_inbound_at is None:
        return None
    return WINDOW_S - (now - thread.last_inbound_at).total_seconds()
