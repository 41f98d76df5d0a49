"""What a Pinecall voice call does when it is told to (contract: pinecall.md E.1)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from callcenter.providers.simulator.conversation import Reply
from callcenter.providers.simulator.identity import message_id

if TYPE_CHECKING:
    from callcenter.providers.simulator.voice import VoiceCall

Command = Mapping[str, object]

SWITCHES = {
    "call.hold": ("held", True),
    "call.unhold": ("held", False),
    "call.mute": ("muted", True),
    "call.unmute": ("muted", False),
}


def word(command: Command, key: str, otherwise: str = "") -> str:
    """A text field of a command; anything that is not text counts as absent."""
    value = command.get(key)
    return value if isinstance(value, str) else otherwise


def obey(call: "VoiceCall", event: str, command: Command) -> bool:
    """Do it; False when the call cannot now, of which the provider says nothing either."""
    flags = call.flags
    if event in ("call.accept", "call.reject"):
        if not flags.ringing:
            return False
        if event == "call.accept":
            flags.accepted = True
        else:
            call.retell(call.refuse(word(command, "reason", "rejected")))
        return True
    if not flags.live or flags.ended:
        return False
    if event in SWITCHES:
        call.switch(*SWITCHES[event])
    elif event == "call.dtmf":
        call.emit("call.dtmf_sent", {"digits": word(command, "digits")})
    elif event == "call.forward":
        call.retell(call.forward(word(command, "to")), after=0.8)
    elif event == "call.hangup":
        call.retell(call.finish("hangup"), after=0.2)
    elif event in ("bot.cancel", "bot.clear"):
        flags.cut = call.speaker == "agent"
    else:
        return reply(call, event, command)
    return True


def reply(call: "VoiceCall", event: str, command: Command) -> bool:
    """Words of an operator: at once or in pieces, and only to the newest words of the contact."""
    msg = word(command, "message_id") or message_id(call.ids)
    if event == "bot.reply.stream":
        action = word(command, "action")
        if action == "start":
            call.pieces[msg] = []
        elif action == "chunk":
            call.pieces.setdefault(msg, []).append(word(command, "token"))
        elif action == "end":
            queue(call, "".join(call.pieces.pop(msg, [])), msg)
        return True
    if event != "bot.reply":
        return False
    answered = word(command, "in_reply_to")
    if answered and answered != call.last_heard:
        call.emit("reply.rejected", {"message_id": msg, "in_reply_to": answered,
                                     "expected_reply_to": call.last_heard, "reason": "message_obsolete"})  # fmt: skip
        return True
    queue(call, word(command, "text"), msg)
    return True


def queue(call: "VoiceCall", text: str, msg: str) -> None:
    """An operator's words come next; whatever the agent is saying stops for them."""
    if text.strip():
        call.replies.append(Reply(text, msg))
        call.flags.cut = call.speaker == "agent"


def oppose(call: "VoiceCall", event: str, command: Command) -> None:
    """The opposite of the command, as a provider with a fault would do it."""
    flags = call.flags
    if event in SWITCHES:
        flag, on = SWITCHES[event]
        call.switch(flag, not on)
    elif event == "call.accept" and flags.ringing:
        call.retell(call.refuse("busy"))
    elif event == "call.reject" and flags.ringing:
        flags.accepted = True
    elif event == "call.forward" and flags.live:
        call.retell(call.finish("hangup"))
    elif event == "call.hangup" and flags.live:
        call.replies.append(Reply("I am still here.", message_id(call.ids)))
    elif event == "call.dtmf":
        call.emit("call.dtmf_sent", {"digits": "0"})
    elif event == "bot.reply":
        call.emit("reply.rejected", {"message_id": word(command, "message_id"), "in_reply_to": word(command, "in_reply_to"),
                                     "expected_reply_to": call.last_heard, "reason": "message_obsolete"})  # fmt: skip
