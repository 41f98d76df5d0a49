"""What the desk of a call reads, with a constant number of queries for a role and a channel."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from callcenter.calls.holding import held_of
from callcenter.calls.models import Agent, Call, Thread, TranscriptEntry
from callcenter.commands.models import Command, Pause, Takeover
from callcenter.commands.sockets import is_listening
from callcenter.commands.takeover import open_takeover
from callcenter.console.floor import audience_of, team_of
from callcenter.console.models import Destination
from callcenter.domain.commands.capability import offered
from callcenter.domain.commands.order import Level, Verb
from callcenter.domain.events.base import LINE
from callcenter.operators.models import Operator

NEWEST = 50
PAUSING = (Verb.PAUSE, Verb.RESUME)


@dataclass(slots=True)
class DeskRows:
    """``commands`` newest first; ``thread``: the WhatsApp thread of the same contact and agent; ``listening``: is a socket open.

    ``heard``: the contact's last words that have a name; ``agents``: those to whom a phone line can route the call.
    """

    commands: list[Command] = field(default_factory=list)
    takeover: Takeover | None = None
    pauses: list[Pause] = field(default_factory=list)
    thread: int | None = None
    listening: bool = True
    heard: TranscriptEntry | None = None
    destinations: list[Destination] = field(default_factory=list)
    agents: list[Agent] = field(default_factory=list)


def load_desk(call: Call, operator: Operator, now: datetime, listening: bool | None = None) -> DeskRows:
    """Nothing is read for those who only read. ``listening``: whether a socket is open, None = look."""
    if not operator.can_act:
        return DeskRows()
    thread = thread_of(call)
    if call.status == "completed":
        return DeskRows(commands=commands_of(call, thread), thread=thread)
    return DeskRows(
        commands=commands_of(call, thread),
        takeover=open_takeover(held_of(call)),
        pauses=pauses_of(call),
        thread=thread,
        listening=_listens(call, now) if listening is None else listening,
        heard=last_heard(call) if hears(call, operator) else None,
        destinations=destinations_of(call) if _can(Verb.FORWARD, call) else [],
        agents=agents_beside(call, operator) if _can(Verb.ROUTE, call) else [],
    )


def _listens(call: Call, now: datetime) -> bool:
    return is_listening(call.connection_id, call.agent.slug if call.agent else "", now)


def _can(verb: Verb, call: Call) -> bool:
    """Could it be asked for at some time?"""
    return offered(verb, call.connection.provider, call.channel)


def hears(call: Call, operator: Operator) -> bool:
    """Would the operator answer a line of the contact?"""
    return call.answering == operator and _can(Verb.SAY, call)


def last_heard(call: Call) -> TranscriptEntry | None:
    lines = call.lines.filter(speaker="contact").exclude(message_id="")
    return lines.order_by("-sort_time", "-sort_seq", "-sort_n", "-key").first()


def destinations_of(call: Call) -> list[Destination]:
    """Saved for the call's team, or for everybody."""
    return list(Destination.objects.for_team(team_of(call, call.agent)))


def agents_beside(call: Call, operator: Operator) -> list[Agent]:
    """Of a call that a phone line answers: the agents of its connection that the operator may see."""
    if call.agent is None or not call.agent.is_line:
        return []
    audience = audience_of(operator)
    found = Agent.objects.filter(connection=call.connection_id).exclude(slug__startswith=LINE).order_by("name", "pk")
    return list(found if audience is None else found.filter(team__in=audience))


def thread_of(call: Call) -> int | None:
    """A contact who also writes: pausing the agent for them is shown on their thread too."""
    if call.thread_id is not None or call.agent_id is None or call.contact is None:
        return call.thread_id
    return Thread.objects.filter(agent=call.agent_id, digits=call.contact.digits).values_list("pk", flat=True).first()


def commands_of(call: Call, thread: int | None) -> list[Command]:
    """Of the call, of its WhatsApp thread, and what pauses its agent for the contact or as a whole."""
    wanted = Q(call=call)
    if call.thread_id is not None:
        wanted |= Q(thread=call.thread_id)
    elif thread is not None:
        wanted |= Q(thread=thread, verb__in=PAUSING)
    if call.agent_id is not None:
        wanted |= Q(agent=call.agent_id, call=None, thread=None, verb__in=PAUSING)
    found = Command.objects.filter(wanted).select_related("operator").order_by("-created_at", "-pk")[:NEWEST]
    return [command for command in found if _concerns(command, call)]


def _concerns(command: Command, call: Call) -> bool:
    """Other contacts are paused through the same agent."""
    if command.call_id is not None or command.thread_id is not None or command.order.get("level") == Level.AGENT:
        return True
    return call.contact is not None and command.order.get("contact") == call.contact.digits


def pauses_of(call: Call) -> list[Pause]:
    if call.agent_id is None:
        return []
    wanted = Q(level=Level.CALL, target=call.call_uuid)
    if call.contact is not None:
        wanted |= Q(level=Level.CONTACT, target=call.contact.digits)
    return list(Pause.objects.filter(wanted, agent=call.agent_id, ended_at=None).select_related("operator"))
