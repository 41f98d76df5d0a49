"""What an operator asks of the provider for one call, one thread, one agent: checked, audited, and put into the outbox."""

from __future__ import annotations

import secrets
import string
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from django.db.models import QuerySet
from msgspec.structs import replace

from callcenter.calls.holding import held_of, holders_where
from callcenter.calls.models import Agent, Call, Thread
from callcenter.calls.revising import revising
from callcenter.commands import outbox, rights
from callcenter.commands.models import Command, Pause
from callcenter.commands.outbox import EXPIRES_S, Target, enqueue
from callcenter.commands.situation import lacking, situation_of, why_one_way, why_unreachable, window_left_s
from callcenter.commands.sockets import is_listening
from callcenter.commands.takeover import Actor, Refused, allow, locked, name_of, note_reply
from callcenter.domain.commands.capability import Situation, why_not
from callcenter.domain.commands.languages import LANGUAGES
from callcenter.domain.commands.order import Level, Order, Verb, pause_order
from callcenter.operators import audit
from callcenter.operators.numbers import NotDialable, dialable

if TYPE_CHECKING:
    from callcenter.journal.models import Connection

TEXT_CHARS = 4096  # the longest text WhatsApp takes
DTMF_KEYS = frozenset("0123456789*#ABCD")
DTMF_LONGEST = 32
GREETING_CHARS = 500
ANNOUNCEMENT_CHARS = 300
FACTS, FACT_NAME_CHARS, FACT_CHARS = 20, 40, 300
ALPHABET = string.ascii_lowercase + string.digits


def ask(call: Call, order: Order, actor: Actor, fence: int, expires_s: float = EXPIRES_S) -> Command:
    """One verb on one call. Raises Refused: not allowed, not possible now, or somebody else answers."""
    held = held_of(call)
    with revising():
        row = locked(held, fence)
        call = row if isinstance(row, Call) else call
        allow(rights.may_order(actor.operator, order.verb, row.holder))
        allow(why_not(order.verb, situation_of(call, actor.now)))
        if order.in_reply_to and not call.lines.filter(speaker="contact", message_id=order.in_reply_to).exists():
            raise Refused("The contact said no such words on this call.")
        order = replace(checked(order), agent=call.agent.slug if call.agent else "", call=call.call_uuid)
        target = Target(call.connection, call.agent, call=call, fence=row.fence)
        command, new = enqueue(order, target, operator=actor.operator, key=actor.key, now=actor.now, expires_s=expires_s)
        if new:
            if order.verb in rights.ALOUD:
                note_reply(row, actor.now)
            _audit(actor, order, f"call:{call.call_uuid}", command)
    return command


def send(thread: Thread, text: str, actor: Actor, fence: int, expires_s: float = EXPIRES_S) -> Command:
    """A message of the holder to the contact. Raises Refused."""
    with revising():
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
    with revising():
        _may_pause(agent, level, actor)
        open_pauses(agent, level, target).update(ended_at=actor.now)
        Pause.objects.create(
            agent=agent, level=level, target=target, operator=actor.operator, why=why[:300], began_at=actor.now, until=until
        )
        return _pause_order(agent, Verb.PAUSE, level, target, actor)


def resume(agent: Agent, level: Level, target: str, actor: Actor) -> Command:
    """The widest level clears the narrower ones, as the provider does."""
    with revising():
        _may_pause(agent, level, actor)
        for holder in holders_where(agent, level, target):
            allow(rights.may_order(actor.operator, Verb.RESUME, holder))
        wanted = agent.pauses.filter(ended_at=None) if level is Level.AGENT else open_pauses(agent, level, target)
        wanted.update(ended_at=actor.now)
        return _pause_order(agent, Verb.RESUME, level, target, actor)


def dial(agent: Agent, to: str, from_number: str, actor: Actor, greeting: str = "", metadata: dict[str, str] | None = None) -> Command:
    """Call somebody. Never repeated by machine. ``metadata``: what the agent is told of the call, by name."""
    with revising():
        allow(rights.may_act(actor.operator))
        connection = agent.connection
        listening = is_listening(connection.pk, agent.slug, actor.now)
        one_way = why_one_way(connection)
        now = Situation(
            provider=connection.provider, channel="phone", status="", listening=listening, one_way=one_way, lacking=lacking(connection)
        )
        allow(why_not(Verb.DIAL, now))
        asked = Order(verb=Verb.DIAL, agent=agent.slug, to=to, from_number=from_number, greeting=greeting, metadata=metadata or {})
        order = checked(asked)
        command, new = enqueue(order, Target(connection, agent), operator=actor.operator, key=actor.key, now=actor.now)
        if new:
            _audit(actor, order, f"agent:{agent.pk}", command)
    return command


def cancel(command: Command, actor: Actor) -> bool:
    """A command that still waits; its own operator or a supervisor."""
    allow(rights.may_act(actor.operator))
    if command.operator_id != actor.operator.pk and not actor.operator.can_supervise:
        raise Refused("Somebody else asked for this.")
    with revising():
        cancelled = outbox.cancel(command, actor.now)
        audit.record(
            actor.operator, "cancel", f"command:{command.pk}", address=actor.address, result="cancelled" if cancelled else "too late"
        )
    return cancelled


def checked(order: Order) -> Order:
    """The order with what a form gave made right. Raises Refused with what is wrong."""
    match order.verb:
        case Verb.SAY | Verb.SAY_IN_PIECES:
            return replace(order, text=text_of(order.text), message_id="msg_" + "".join(secrets.choice(ALPHABET) for _ in range(12)))
        case Verb.WHISPER:
            return replace(order, text=text_of(order.text), request_id=uuid4().hex)
        case Verb.DTMF:
            keys = order.digits.upper().replace(" ", "")
            if not keys or len(keys) > DTMF_LONGEST or not set(keys) <= DTMF_KEYS:
                raise Refused("Tones are 0 to 9, * and #.")
            return replace(order, digits=keys)
        case Verb.FORWARD:
            words = line_of(order.text, ANNOUNCEMENT_CHARS)
            return replace(order, to=number_of(order.to), text=words, announce=order.announce or bool(words))
        case Verb.DIAL:
            return replace(order, to=number_of(order.to), greeting=line_of(order.greeting, GREETING_CHARS))
        case Verb.SET_LANGUAGE:
            return replace(order, language=known_language(order.language))
        case Verb.ROUTE:
            if not order.to:
                raise Refused("Choose one of the agents.")
            language = known_language(order.language) if order.language else ""
            return replace(order, language=language, greeting=line_of(order.greeting, GREETING_CHARS))
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
    try:
        return dialable(text)
    except NotDialable as error:
        raise Refused(str(error)) from error


def line_of(text: str, longest: int) -> str:
    """Words on one line. Raises Refused when they are longer."""
    words = " ".join(text.replace("\x00", "").split())
    if len(words) > longest:
        raise Refused(f"This is longer than {longest} characters.")
    return words


def facts_of(text: str) -> dict[str, str]:
    """``name: value``, one a line. Raises Refused for a line that is none."""
    found: dict[str, str] = {}
    for line in text.replace("\x00", "").splitlines():
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not line.strip():
            continue
        if not (name and colon and value) or len(name) > FACT_NAME_CHARS or len(value) > FACT_CHARS:
            raise Refused("Write one fact a line, as name: value.")
        found[name] = value
    if len(found) > FACTS:
        raise Refused(f"These are more than {FACTS} facts.")
    return found


def known_language(code: str) -> str:
    if code not in LANGUAGES:
        raise Refused("Choose one of the languages.")
    return code


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
        one_way=why_one_way(connection),
        window_left_s=window_left_s(thread, now),
    )


def open_pauses(agent: Agent, level: Level, target: str) -> QuerySet[Pause]:
    return agent.pauses.filter(level=level, target=target, ended_at=None)


def _may_pause(agent: Agent, level: Level, actor: Actor) -> None:
    allow(rights.may_pause_agent(actor.operator) if level is Level.AGENT else rights.may_act(actor.operator))
    if agent.connection.provider != "pinecall":
        raise Refused("The provider cannot pause an agent.")
    allow(why_unreachable(agent, actor.now))


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
    detail |= {name: value for name in ("to", "digits", "reason", "contact", "language") if (value := getattr(order, name))}
    audit.record(actor.operator, order.verb.value, target, address=actor.address, detail=detail, result="asked")
