"""What the forms of a call's desk ask for, by the last part of their address. Each raises Refused with the reason."""

from collections.abc import Callable
from datetime import timedelta

from django.http import QueryDict

from callcenter.calls.holding import held_of
from callcenter.calls.models import Agent, Call
from callcenter.commands import desk, takeover
from callcenter.commands.takeover import Actor, Refused
from callcenter.console.calldesk.rows import commands_of, thread_of
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
        asked = Order(verb=verb, announce=verb is Verb.FORWARD and form.get("announce") == "on", **given)  # type: ignore[arg-type]
        desk.ask(call, asked, actor, fence_of(form))

    return ask


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
    "forward": order(Verb.FORWARD, to="to"),
    "hang-up": order(Verb.HANG_UP),
    "say": order(Verb.SAY, text="text"),
    "whisper": order(Verb.WHISPER, text="text"),
    "stop-speaking": order(Verb.STOP_SPEAKING),
    "pause": pause,
    "resume": resume,
    "cancel": cancel,
}
