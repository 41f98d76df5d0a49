"""What an operator asks of the provider for one call, one thread, one agent: checked, audited, and put into the outbox."""

from __future__ import annotations

import secrets
import string
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

import phonenumbers
from django.db import transaction
from django.db.models import QuerySet
from msgspec.structs import replace

from callcenter.calls.holding import held_of
from callcenter.calls.models import Agent, Call, Thread
from callcenter.commands import outbox, rights
from callcenter.commands.models import Command, Pause
from callcenter.commands.outbox import EXPIRES_S, Target, enqueue
from callcenter.commands.situation import situation_of, window_left_s
from callcenter.commands.sockets import is_listening
from callcenter.commands.takeover import Actor, Refused, allow, locked, name_of, note_reply
from callcenter.domain.commands.capability import ONE_WAY, Situation, why_not
from callcenter.domain.commands.order import Level, Order, Verb, pause_order
from callcenter.operators import audit

if TYPE_CHECKING:
    from callcenter.journal.models import Connection

TEXT_CHARS = 4096  # the longest text WhatsApp takes
DTMF_KEYS = frozenset("0123456789*#ABCD")
DTMF_LONGEST = 32
ALPHABET = string.ascii_lowercase + string.digits


def ask(call: Call, order: Order, actor: Actor, fence: int, expires_s: float = EXPIRES_S) -> Command:
    """One verb on one call. Raises Refused: not allowed, not possible now, or somebody else answers."""
    held = held_of(call)
    with transaction.atomic():
        row = locked(held, fence)
        call = row if isinstance(row, Call) else call
        allow(rights.may_order(actor.operator, order.verb, row.holder))
        allow(why_not(order.verb, situation_of(call, actor.now)))
        order = replace(checked(order), agent=call.agent.slug if call.agent else "", call=call.call_uuid)
        target = Target(call.connection, call.agent, call=call, fence=row.fence)
        command, new = enqueue(order, target, operator=actor.operator, key=actor.key, now=actor.now, expires_s=expires_s)
        if new:
            if order.verb is Verb.SAY:
                note_reply(row, actor.now)
            _audit(actor, order, f"call:{call.call_uuid}", command)
    return command


def send(thread: Thread, text: str, actor: Actor, fence: int, expires_s: float = EXPIRES_S) -> Command:
    """A message of the holder to the contact. Raises Refused."""
    with transaction.atomic():
        row = cast("Thread", locked(thread, fence))
        allow(rights.may_order(actor.operator, Verb.SEND, row.holder))
        session = newest_session(row)
        if session is None:
            raise Refused("The contact has not written yet: WhatsApp allows no message.")
        # While the connection is down a message waits for it, visible and cancellable, until it expires: design law 8.
        allow(why_not(Verb.SEND, replace(situation_of_thread(row, actor.now), listening=True)))
        over = session.status == "completed"
        order = Order(verb=Verb.SEND, agent=row.agent.slug, call=session.call_uuid, contact=row.digits if over else "", text=text_of(text))
        target = Target(row.agent.connection, row.agent, thread=row, fence=row.fence)
        command, new = enqueue(order, target, operator=actor.operator, key=actor.key, now=actor.now, expires_s=expires_s)
        if new:
            note_reply(row, actor.now)
            _audit(actor, order, name_of(row), command)
    return command


def pause(agent: Agent, level: Level, target: str, actor: Actor, *, why: str = "", until: datetime | None = None) -> Command:
    """Tell the agent to stop answering one call, one contact or everybody. A contact can be paused before any call exists."""
    with transaction.atomic():
        _may_pause(agent, level, actor)
        open_pauses(agent, level, target).update(ended_at=actor.now)
        Pause.objects.create(
            agent=agent, level=level, target=target, operator=actor.operator, why=why[:300], began_at=actor.now, until=until
        )
        return _pause_order(agent, Verb.PAUSE, level, target, actor)


def resume(agent: Agent, level: Level, target: str, actor: Actor) -> Command:
    """The widest level clears the narrower ones, as the provider does."""
    with transaction.atomic():
        _may_pause(agent, level, actor)
        wanted = agent.pauses.filter(ended_at=None) if level is Level.AGENT else open_pauses(agent, level, target)
        wanted.update(ended_at=actor.now)
        return _pause_order(agent, Verb.RESUME, level, target, actor)


def dial(agent: Agent, to: str, from_number: str, actor: Actor, greeting: str = "") -> Command:
    """Call somebody. Never repeated by machine."""
    with transaction.atomic():
        allow(rights.may_act(actor.operator))
        connection = agent.connection
        listening = is_listening(connection.pk, agent.slug, actor.now)
        one_way = not connection.carries_commands
        now = Situation(provider=connection.provider, channel="phone", status="", listening=listening, one_way=one_way)
        allow(why_not(Verb.DIAL, now))
        order = checked(Order(verb=Verb.DIAL, agent=agent.slug, to=to, from_number=from_number, greeting=greeting[:500]))
        command, new = enqueue(order, Target(connection, agent), operator=actor.operator, key=actor.key, now=actor.now)
        if new:
            _audit(actor, order, f"agent:{agent.pk}", command)
    return command


def cancel(command: Command, actor: Actor) -> bool:
    """A command that still waits; its own operator or a supervisor."""
    allow(rights.may_act(actor.operator))
    if command.operator_id != actor.operator.pk and not actor.operator.can_supervise:
        raise Refused("Somebody else asked for this.")
    with transaction.atomic():
        cancelled = outbox.cancel(command, actor.now)
        audit.record(
            actor.operator, "cancel", f"command:{command.pk}", address=actor.address, result="cancelled" if cancelled else "too late"
        )
    return cancelled


def checked(order: Order) -> Order:
    """The order with what a form gave made right. Raises Refused with what is wrong."""
    match order.verb:
        case Verb.SAY:
            return replace(order, text=text_of(order.text), message_id="msg_" + "".join(secrets.choice(ALPHABET) for _ in range(12)))
        case Verb.WHISPER:
            return replace(order, text=text_of(order.text), request_id=uuid4().hex)
        case Verb.DTMF:
            keys = order.digits.upper().replace(" ", "")
            if not keys or len(keys) > DTMF_LONGEST or not set(keys) <= DTMF_KEYS:
                raise Refused("Tones are 0 to 9, * and #.")
            return replace(order, digits=keys)
        case Verb.FORWARD | Verb.DIAL:
            return replace(order, to=number_of(order.to))
        case Verb.REJECT:
            return replace(order, reason=order.reason if order.reason in ("busy", "rejected") else "rejected")
        case _:
            return order


def text_of(text: str) -> str:
    words = text.replace("\r\n", "\n").replace("\x00", "").strip()
    if not words:
        raise Refused("There are no words to send.")
    if len(words) > TEXT_CHARS:
        raise Refused(f"This is longer than {TEXT_CHARS} characters.")
    return words


def number_of(text: str) -> str:
    """E.164, or a SIP address. Raises Refused."""
    wanted = text.strip()
    if wanted.lower().startswith("sip:"):
        name, _, host = wanted[4:].partition("@")
        if name and host and not any(c.isspace() for c in wanted) and len(wanted) <= 200:
            return wanted
        raise Refused("A SIP address looks like sip:name@host.")
    try:
        number = phonenumbers.parse(wanted, None)
    except phonenumbers.NumberParseException as error:
        raise Refused("Write the number with + and the country code, for example +44 20 7946 0177.") from error
    if not phonenumbers.is_possible_number(number):
        raise Refused("This number has too few or too many digits.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def newest_session(thread: Thread) -> Call | None:
    """The provider session that a message goes into."""
    return thread.calls.order_by("-started_at", "-id").select_related("connection", "agent").first()


def situation_of_thread(thread: Thread, now: datetime) -> Situation:
    connection: Connection = thread.agent.connection
    return Situation(
        provider=connection.provider,
        channel="whatsapp",
        status="answered",
        listening=is_listening(connection.pk, thread.agent.slug, now),
        one_way=not connection.carries_commands,
        window_left_s=window_left_s(thread, now),
    )


def open_pauses(agent: Agent, level: Level, target: str) -> QuerySet[Pause]:
    return agent.pauses.filter(level=level, target=target, ended_at=None)


def _may_pause(agent: Agent, level: Level, actor: Actor) -> None:
    allow(rights.may_pause_agent(actor.operator) if level is Level.AGENT else rights.may_act(actor.operator))
    if agent.connection.provider != "pinecall":
        raise Refused("The provider cannot pause an agent.")
    if not agent.connection.carries_commands:
        raise Refused(ONE_WAY)
    if not is_listening(agent.connection_id, agent.slug, actor.now):
        raise Refused("The connection is down: nothing can be sent.")


def _pause_order(agent: Agent, verb: Verb, level: Level, target: str, actor: Actor) -> Command:
    order = pause_order(verb, agent.slug, level, target)
    call = Call.objects.filter(call_uuid=target).first() if level is Level.CALL else None
    thread = Thread.objects.filter(agent=agent, digits=target).first() if level is Level.CONTACT else None
    command, new = enqueue(
        order, Target(agent.connection, agent, call=call, thread=thread), operator=actor.operator, key=actor.key, now=actor.now
    )
    if new:
        where = {Level.CALL: f"call:{target}", Level.CONTACT: f"contact:{target}", Level.AGENT: f"agent:{agent.pk}"}[level]
        _audit(actor, order, where, command)
    return command


def _audit(actor: Actor, order: Order, target: str, command: Command) -> None:
    """What was asked; the words themselves stand in the command."""
    detail: dict[str, Any] = {"command": str(command.pk)}
    detail |= {name: value for name in ("to", "digits", "reason", "contact") if (value := getattr(order, name))}
    audit.record(actor.operator, order.verb.value, target, address=actor.address, detail=detail, result="asked")
