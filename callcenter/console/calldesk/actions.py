"""What the forms of a call's desk ask for, by the last part of their address. Each raises Refused with the reason."""

from collections.abc import Callable
from datetime import timedelta

from django.http import QueryDict

from callcenter.calls.holding import held_of
from callcenter.calls.models import Agent, Call
from callcenter.commands import desk, takeover
from callcenter.commands.takeover import Actor, Refused
from callcenter.console.calldesk.rows import agents_beside, commands_of, destinations_of, thread_of
from callcenter.console.giving import give_to_chosen
from callcenter.domain.commands.order import Level, Order, Verb

UNTIL_S = {"900": timedelta(minutes=15), "3600": timedelta(hours=1)}
WHY_CHARS = 300
Action = Callable[[Call, Actor, QueryDict], None]


def fence_of(form: QueryDict) -> int:
    """-1, which no call has, when the form names none."""
    text = form.get("fence", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1


def take_over(call: Call, actor: Actor, form: QueryDict) -> None:
    takeover.take_over(held_of(call), actor, fence_of(form), why=form.get("why", "")[:WHY_CHARS])


def hand_back(call: Call, actor: Actor, form: QueryDict) -> None:
    takeover.hand_back(held_of(call), actor, fence_of(form), note=form.get("note", "").replace("\x00", "").strip()[: desk.TEXT_CHARS])


def undo(call: Call, actor: Actor, form: QueryDict) -> None:
    takeover.undo(held_of(call), actor, fence_of(form))


def reassign(call: Call, actor: Actor, form: QueryDict) -> None:
    give_to_chosen(held_of(call), actor, form, fence_of(form))


def order(verb: Verb, **fields: str) -> Action:
    """``fields``: of the order -> of the form."""

    def ask(call: Call, actor: Actor, form: QueryDict) -> None:
        given = {name: form.get(field, "") for name, field in fields.items()}
        desk.ask(call, Order(verb=verb, **given), actor, fence_of(form))  # type: ignore[arg-type]

    return ask


def say(call: Call, actor: Actor, form: QueryDict) -> None:
    """Whole or in pieces; as an answer, the provider refuses it once the contact has said more."""
    verb = Verb.SAY_IN_PIECES if form.get("pieces") == "on" else Verb.SAY
    answered = form.get("in_reply_to", "") if form.get("answer") == "on" else ""
    desk.ask(call, Order(verb=verb, text=form.get("text", ""), in_reply_to=answered), actor, fence_of(form))


def forward(call: Call, actor: Actor, form: QueryDict) -> None:
    """To a saved destination, or to a number that was written."""
    to, saved = form.get("to", ""), form.get("saved", "")
    if saved:
        if to.strip():
            raise Refused("Choose a destination or write a number, not both.")
        found = next((one for one in destinations_of(call) if str(one.pk) == saved), None)
        if found is None:
            raise Refused("This destination is not saved any more.")
        to = found.number
    elif not to.strip():
        raise Refused("Choose a destination or write a number.")
    asked = Order(verb=Verb.FORWARD, to=to, text=form.get("message", ""), announce=form.get("announce") == "on")
    desk.ask(call, asked, actor, fence_of(form))


def forward_mine(call: Call, actor: Actor, form: QueryDict) -> None:
    """To the operator's own phone, always announced."""
    if not actor.operator.phone:
        raise Refused("You have no phone of your own here yet: write it down first, in the menu under your name.")
    asked = Order(verb=Verb.FORWARD, to=actor.operator.phone, text=form.get("message", ""), announce=True)
    desk.ask(call, asked, actor, fence_of(form))


def route(call: Call, actor: Actor, form: QueryDict) -> None:
    """From a phone line to one of its connection's agents."""
    agents = agents_beside(call, actor.operator)
    to = next((agent.slug for agent in agents if agent.slug == form.get("agent", "")), "")
    asked = Order(verb=Verb.ROUTE, to=to, language=form.get("language", ""), greeting=form.get("greeting", ""))
    desk.ask(call, asked, actor, fence_of(form))


def pause(call: Call, actor: Actor, form: QueryDict) -> None:
    level, target = _paused(call, form)
    lasting = UNTIL_S.get(form.get("until", ""))
    why = " ".join(form.get("why", "").replace("\x00", "").split())
    desk.pause(_agent(call), level, target, actor, why=why, until=actor.now + lasting if lasting else None)


def resume(call: Call, actor: Actor, form: QueryDict) -> None:
    desk.resume(_agent(call), *_paused(call, form), actor)


def cancel(call: Call, actor: Actor, form: QueryDict) -> None:
    """One of the commands that the call shows."""
    wanted = form.get("command", "")
    command = next((one for one in commands_of(call, thread_of(call)) if str(one.pk) == wanted), None)
    if command is None:
        raise Refused("There is no such command on this call.")
    if not desk.cancel(command, actor):
        raise Refused("Too late: it is not waiting any more.")


def _agent(call: Call) -> Agent:
    if call.agent is None:
        raise Refused("The provider has not said which agent this is.")
    return call.agent


def _paused(call: Call, form: QueryDict) -> tuple[Level, str]:
    match form.get("level"):
        case "call":
            if call.status == "completed":
                raise Refused("The call is over.")
            return Level.CALL, call.call_uuid
        case "contact" if call.contact is not None:
            return Level.CONTACT, call.contact.digits
    raise Refused("Choose this call or this contact.")


ACTIONS: dict[str, Action] = {
    "take-over": take_over,
    "hand-back": hand_back,
    "undo": undo,
    "reassign": reassign,
    "accept": order(Verb.ACCEPT),
    "reject": order(Verb.REJECT, reason="reason"),
    "hold": order(Verb.HOLD),
    "unhold": order(Verb.UNHOLD),
    "mute": order(Verb.MUTE),
    "unmute": order(Verb.UNMUTE),
    "dtmf": order(Verb.DTMF, digits="digits"),
    "forward": forward,
    "forward-mine": forward_mine,
    "set-language": order(Verb.SET_LANGUAGE, language="language"),
    "route": route,
    "hang-up": order(Verb.HANG_UP),
    "say": say,
    "whisper": order(Verb.WHISPER, text="text"),
    "stop-speaking": order(Verb.STOP_SPEAKING),
    "pause": pause,
    "resume": resume,
    "cancel": cancel,
}
