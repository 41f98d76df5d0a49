"""Agents as plain values: are they heard, what do they do now, who told them to be silent."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404

from callcenter.calls.models import Agent, Call, Thread
from callcenter.commands import rights, sockets
from callcenter.commands.models import Command, Pause
from callcenter.commands.situation import why_one_way
from callcenter.console.dom import dom_id
from callcenter.console.floor import Audience, connection_view
from callcenter.console.naming import agent_name, pretty_number
from callcenter.console.team.acting import form_key
from callcenter.console.view import ConnectionView, Tone
from callcenter.domain.commands.capability import WINDOW_S, why_unreachable
from callcenter.domain.commands.order import Level, Verb
from callcenter.journal.models import Connection
from callcenter.journal.times import epoch
from callcenter.operators.models import Operator

RECENT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Work:
    """What an agent does now, and so what a pause touches. ``answering``: of the live calls, those it speaks in."""

    live: int = 0
    ringing: int = 0
    answering: int = 0
    threads: int = 0
    waiting: int = 0  # of the open threads, those that the agent answers


@dataclass(frozen=True, slots=True)
class PauseView:
    """One pause. ``by`` "" = nobody of this console wants it, any more if it is ``ours``. ``target``: a contact's digits, "" = all.

    ``held``: it comes with a takeover of the contact's thread, and goes with it.
    """

    target: str
    number: str
    tone: Tone
    words: str
    by: str
    why: str
    until_ms: int | None
    key: str
    held: bool = False
    ours: bool = False


@dataclass(frozen=True, slots=True)
class AgentCard:
    id: str
    pk: int
    name: str
    slug: str
    team: str
    connection: ConnectionView
    work: Work
    whole: PauseView | None
    contacts: tuple[PauseView, ...]
    calls: int  # live calls in which it is paused
    unverified_ms: int | None
    why_not: str  # why it cannot be told to pause now
    may_pause: bool  # as a whole
    is_line: bool  # a phone line: it only hands calls to agents


@dataclass(frozen=True, slots=True)
class Known:
    """An agent's open pauses; and of all agents the newest order by (agent, level, digits), who holds which thread, and the live calls."""

    pauses: list[Pause]
    orders: dict[tuple[int, str, str], Command]
    holders: dict[tuple[int, str], Operator | None]
    live: set[str]


def agents_of(audience: Audience) -> QuerySet[Agent]:
    found = Agent.objects.select_related("connection", "team").order_by("name", "pk")
    return found if audience is None else found.filter(team__in=audience)


def access_agent(audience: Audience, pk: int) -> Agent:
    """The only way to an agent for somebody. Raises Http404; a phone line is none: it can neither be paused nor call anybody."""
    agent = agents_of(audience).filter(pk=pk).first()
    if agent is None or agent.is_line:
        raise Http404("There is no such agent.")
    return agent


def work_of(agents: list[Agent], now: datetime) -> dict[int, Work]:
    """By agent, in two queries."""
    by_agent = {"agent": Count("id"), "ringing": Count("id", filter=Q(status__in=["ringing", "dialing"]))}
    speaking = Count("id", filter=Q(status="answered", holder=None, thread__holder=None))
    calls: Any = Call.objects.live().filter(agent__in=agents).order_by().values_list("agent")
    calls = calls.annotate(live=by_agent["agent"], ringing=by_agent["ringing"], answering=speaking)
    open_since = now - timedelta(seconds=WINDOW_S)
    threads: Any = Thread.objects.filter(agent__in=agents, last_inbound_at__gt=open_since).order_by().values_list("agent")
    threads = {pk: counts for pk, *counts in threads.annotate(open=Count("id"), waiting=Count("id", filter=Q(holder=None)))}
    live = {pk: counts for pk, *counts in calls}
    return {agent.pk: Work(*live.get(agent.pk, (0, 0, 0)), *threads.get(agent.pk, (0, 0))) for agent in agents}


def load_cards(operator: Operator, audience: Audience, now: datetime) -> list[AgentCard]:
    """Agents, then phone lines. A constant number of queries."""
    agents = sorted(_with_health(list(agents_of(audience))), key=lambda agent: agent.is_line)
    work = work_of(agents, now)
    pauses: dict[int, list[Pause]] = {}
    for pause in Pause.objects.filter(agent__in=agents, ended_at=None).select_related("operator").order_by("-pk"):
        pauses.setdefault(pause.agent_id, []).append(pause)
    orders: dict[tuple[int, str, str], Command] = {}
    asked = Command.objects.filter(agent__in=agents, verb__in=[Verb.PAUSE, Verb.RESUME], created_at__gte=now - RECENT)
    for command in asked.order_by("created_at"):
        orders[command.agent_id or 0, command.order["level"], command.order["contact"]] = command
    taken = Thread.objects.filter(agent__in=agents, holder__isnull=False).select_related("holder").only("agent", "digits", "holder")
    holders = {(thread.agent_id, thread.digits): thread.holder for thread in taken}
    live = set(Call.objects.live().filter(agent__in=agents).order_by().values_list("call_uuid", flat=True))
    open_sockets = sockets.alive([agent.connection_id for agent in agents], now)
    cards = []
    for agent in agents:
        listens = sockets.choose(open_sockets, agent.connection_id, agent.slug) is not None
        known = Known(pauses.get(agent.pk, []), orders, holders, live)
        cards.append(_card(agent, operator, work[agent.pk], known, why_not(agent, listens), now))
    return cards


def _with_health(agents: list[Agent]) -> list[Agent]:
    """What the runner says of connections that we open; nothing is read without any."""
    wanted = {agent.connection_id for agent in agents if agent.connection.is_outbound}
    opened = Connection.objects.with_health().in_bulk(wanted) if wanted else {}
    for agent in agents:
        agent.connection = opened.get(agent.connection_id, agent.connection)
    return agents


def why_not(agent: Agent, listens: bool) -> str:
    if agent.connection.provider != "pinecall":
        return "The provider cannot pause an agent."
    return why_unreachable(why_one_way(agent.connection), listening=listens)


def _card(agent: Agent, operator: Operator, work: Work, known: Known, reason: str, now: datetime) -> AgentCard:
    mine = {(pause.level, pause.target): pause for pause in reversed(known.pauses)}

    def view(level: Level, target: str, silent: bool) -> PauseView | None:
        holder = known.holders.get((agent.pk, target))
        found = _pause(agent, target, silent, mine.get((level, target)), known.orders.get((agent.pk, level, target)))
        return replace(found, by=holder.display_name, held=True) if found and holder and not found.by else found

    digits = {*agent.paused_contacts, *(target for level, target in mine if level == Level.CONTACT)}
    contacts = [view(Level.CONTACT, number, number in agent.paused_contacts) for number in sorted(digits)]
    return AgentCard(
        id=dom_id("agent", agent.pk),
        pk=agent.pk,
        name=agent_name(agent),
        slug=agent.slug,
        team=agent.team.name,
        connection=connection_view(agent.connection, epoch(now)),
        work=work,
        whole=view(Level.AGENT, "", agent.paused),
        contacts=tuple(found for found in contacts if found is not None),
        calls=len(known.live & {*agent.paused_calls, *agent.paused_elsewhere}),
        unverified_ms=round(epoch(agent.unverified_since) * 1000) if agent.unverified_since else None,
        why_not=reason,
        may_pause=not rights.may_pause_agent(operator),
        is_line=agent.is_line,
    )


def _pause(agent: Agent, target: str, silent: bool, row: Pause | None, order: Command | None) -> PauseView | None:
    """``silent``: the provider says so; ``row``: somebody asked for it."""
    if not silent and row is None:
        return None
    words, tone = _words(silent, row, order)
    return PauseView(
        target=target,
        number=pretty_number(f"+{target}") if target else "",
        tone=tone,
        words=words,
        by=row.operator.display_name if row else "",
        ours=row is not None or order is not None,
        why=row.why if row else "",
        until_ms=round(epoch(row.until) * 1000) if row and row.until else None,
        key=form_key(agent.pk, target, agent.revision, row.pk if row else 0),
    )


def _words(silent: bool, row: Pause | None, order: Command | None) -> tuple[str, Tone]:
    """What was asked is not yet what is: law 7."""
    if silent and row is None and order is not None and order.verb == Verb.RESUME and order.is_open:
        return "Paused; resuming, the provider has not confirmed it yet", "ring"
    if silent:
        return "Paused", "hold"
    if order is None or order.verb != Verb.PAUSE or order.state == Command.State.CONFIRMED:
        return "Asked to pause, and not silent: it may answer", "alert"
    if order.is_open:
        return "Pausing: the provider has not confirmed it yet", "ring"
    if order.state == Command.State.FAILED:
        return f"Not paused: {order.error or order.get_failure_display().lower()}", "alert"
    return "The provider did not confirm the pause: the agent may still answer", "alert"
