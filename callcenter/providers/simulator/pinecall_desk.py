"""Where a Pinecall account's commands go: to a call, to an agent's pauses, or out to dial."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from callcenter.providers.simulator.businesses import by_agent
from callcenter.providers.simulator.casting import Part
from callcenter.providers.simulator.conversation import Conversation
from callcenter.providers.simulator.frame import Frame
from callcenter.providers.simulator.identity import Identity, whatsapp_id
from callcenter.providers.simulator.pinecall_call import PinecallCall
from callcenter.providers.simulator.pinecall_form import form_for
from callcenter.providers.simulator.script import Script
from callcenter.providers.simulator.scripts import choose
from callcenter.providers.simulator.voice_commands import word
from callcenter.providers.simulator.whatsapp import WhatsAppCall, reports

if TYPE_CHECKING:
    from callcenter.providers.simulator.account import Account
    from callcenter.providers.simulator.world import World

Command = Mapping[str, object]

TO_A_CALL = {
    "call.accept", "call.reject", "call.hold", "call.unhold", "call.mute", "call.unmute", "call.dtmf",
    "call.forward", "call.hangup", "bot.reply", "bot.reply.stream", "bot.cancel", "bot.clear", "call.route",
}  # fmt: skip
PAUSES = {"session.pause": "session.paused", "session.resume": "session.resumed"}
HISTORY = {
    "history.get",
    "history.add",
    "history.set",
    "history.clear",
    "history.add_context",
    "history.set_instructions",
    "history.set_vars",
}
OTHERS = {"session.send", "session.configure", "agent.configure", "call.dial"}
ALLOWED = TO_A_CALL | HISTORY | OTHERS | set(PAUSES)


def problem(_world: "World", _account: "Account", command: Command) -> str:
    """Why a relay would not even pass a command on; empty when it would."""
    event = word(command, "event")
    return "" if event in ALLOWED else f"command {event[:60]!r} is not allowed here"


def perform(world: "World", account: "Account", command: Command) -> None:
    """Carry a command out; one that fits nothing is passed over in silence, as the server does."""
    event = word(command, "event")
    if event in PAUSES:
        pause(world, account, command, PAUSES[event])
    elif event == "session.send":
        send(world, account, command)
    elif event == "call.dial":
        dial(world, account, command)
    elif event == "session.configure":
        configure(world, account, command)
    elif event in HISTORY or event.endswith(".configure"):
        acknowledge(world, account, command, event)
    else:
        call = call_of(world, account, word(command, "call_id"))
        if call is not None:
            world.touch(call)
            call.obey(event, command)
            world.settle(call)


def oppose(world: "World", account: "Account", command: Command) -> None:
    """Do the opposite of a command."""
    event = word(command, "event")
    if event in PAUSES:
        other = {"session.pause": "session.resumed", "session.resume": "session.paused"}[event]
        pause(world, account, command, other)
        return
    if event == "call.dial":
        dial(world, account, command, outcome="busy")
        return
    call = call_of(world, account, word(command, "call_id") or word(command, "session_id"))
    if call is not None:
        world.touch(call)
        call.oppose(event, command)
        world.settle(call)


def call_of(world: "World", account: "Account", call_id: str) -> PinecallCall | None:
    """A conversation of the account that is still going on."""
    call = world.calls.get((account.slug, call_id))
    return call if isinstance(call, PinecallCall) else None


def pause(world: "World", account: "Account", command: Command, event: str) -> None:
    """Silence or free a conversation, a contact or the whole agent; voice only where that is switched on."""
    conversation, contact = word(command, "session_id"), word(command, "contact")
    call = world.calls.get((account.slug, conversation))
    if call is not None and not isinstance(call, WhatsAppCall) and not account.voice_pause:
        return
    agent = agent_of(command, call)
    pauses = account.pauses_of(agent)
    (pauses.pause if event == "session.paused" else pauses.resume)(contact, conversation)
    fields = {"session_id": conversation} if conversation else {"contact": contact} if contact else {}
    say(world, account, Identity(conversation, agent, "", "", "", "whatsapp", "", ""), event, fields)


def agent_of(command: Command, call: Conversation | None) -> str:
    """The agent's slug: as the call knows it, else as the command spells it."""
    if call is not None:
        return call.identity.agent
    business = by_agent("pinecall", word(command, "agent_id"))
    return business.agent if business else word(command, "agent_id")


def say(world: "World", account: "Account", identity: Identity, event: str, fields: Command) -> None:
    """Send an event that belongs to no running conversation."""
    frame: Frame | None = form_for(account.form, identity).encode(event, fields, account.next_seq(), world.time)
    if frame is not None:
        world.out(account.slug, frame)


def send(world: "World", account: "Account", command: Command) -> None:
    """An operator's message: into the running session, or to a contact whose session is over."""
    call = call_of(world, account, word(command, "session_id"))
    if call is not None:
        world.touch(call)
        call.obey("session.send", command)
        world.settle(call)
        return
    identity = account.over.get(word(command, "session_id"))
    contact = word(command, "contact")
    if identity is None or not contact:
        return
    say(world, account, identity, "session.sent", {"session_id": identity.call_id})
    text = {"to": identity.contact, "text": word(command, "text"), "source": "human"}
    say(world, account, identity, "whatsapp.response", text)
    for wait, message, status in reports(0.0, whatsapp_id(world.rng), False, world.rng):
        fields = {"status": status, "recipient": identity.contact, "message_id": message}
        world.scheduler.after(wait / world.plan.speed, partial(say, world, account, identity, "whatsapp.status", fields))


def dial(world: "World", account: "Account", command: Command, outcome: str = "") -> None:
    """A new outbound call; a number that is too short cannot be dialled."""
    business = by_agent("pinecall", word(command, "agent_id"))
    to = word(command, "to")
    if business is None or not to:
        return
    script = choose(business, "phone", "outbound", world.rng)
    outcome = outcome or ("impossible" if len(to) < 8 else "answered")
    if script is None or not script.steps or outcome != "answered":
        steps = script.steps if script else ()
        script = Script("dialled by an operator", business.language, ("phone",), steps, direction="outbound", outcome=outcome)
    given = command.get("metadata")
    metadata = {str(key): str(value) for key, value in given.items()} if isinstance(given, Mapping) else {}
    part = Part(business, "phone", "outbound", script, to, word(command, "from"), metadata)
    world.begin(account, part, greeting=word(command, "greeting"))


def configure(world: "World", account: "Account", command: Command) -> None:
    """A running call goes on in another way; of its language the wire tells too."""
    call = call_of(world, account, word(command, "session_id"))
    if call is None:
        return
    language = word(command, "language")
    say(world, account, call.identity, "session.configured", {"session_id": call.identity.call_id})
    if language:
        call.identity = replace(call.identity, language=language)
        world.touch(call)
        call.emit("call.updated", {"language": language})
        world.settle(call)


def acknowledge(world: "World", account: "Account", command: Command, event: str) -> None:
    """Configuration and history are confirmed with their request's id."""
    call_id = word(command, "call_id") or word(command, "session_id")
    call = call_of(world, account, call_id)
    agent = agent_of(command, call)
    identity = Identity(call_id, agent, "", "", "", "phone", "", "")
    if event == "agent.configure":
        say(world, account, identity, "agent.configured", {})
        return
    if call is None:
        return
    fields: dict[str, object] = {"request_id": word(command, "request_id")}
    if account.form == "stream":
        fields["call_id"] = call_id
    if event == "history.get":
        say(world, account, identity, "history.data", {**fields, "messages": call.history})
    else:
        added = command.get("messages")
        count = len(call.history) + (len(added) if isinstance(added, list) else 1)
        say(world, account, identity, "history.updated", {**fields, "count": count})
