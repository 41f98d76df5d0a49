"""Orders as the JSON that Pinecall takes, letter for letter: contract E.1."""

from collections.abc import Callable
from typing import Any

from callcenter.domain.commands.order import Level, Order, Verb
from callcenter.providers.pinecall.pieces import pieces_of

Frame = dict[str, Any]


def encode(order: Order) -> list[Frame]:
    """The frames of this order, in the order in which they leave. Raises KeyError for a verb that Pinecall does not know."""
    if order.verb is Verb.SAY_IN_PIECES:
        return _say_in_pieces(order)
    return [_ENCODERS[order.verb](order)]


def _pause(order: Order) -> Frame:
    event = "session.pause" if order.verb is Verb.PAUSE else "session.resume"
    frame = {"event": event, "agent_id": order.agent}
    if order.level is Level.CALL:
        frame["session_id"] = order.call
    elif order.level is Level.CONTACT:
        frame["contact"] = order.contact
    return frame


def _send(order: Order) -> Frame:
    """``contact`` reaches somebody whose provider session has expired; it is only sent when that is so."""
    frame = {"event": "session.send", "agent_id": order.agent, "session_id": order.call, "text": order.text}
    return {**frame, "contact": order.contact} if order.contact else frame


def _accept(order: Order) -> Frame:
    return {"event": "call.accept", "agent_id": order.agent, "call_id": order.call}


def _reject(order: Order) -> Frame:
    return {"event": "call.reject", "agent_id": order.agent, "call_id": order.call, "reason": order.reason or "rejected"}


def _plain(event: str) -> Callable[[Order], Frame]:
    return lambda order: {"event": event, "call_id": order.call}


def _dtmf(order: Order) -> Frame:
    return {"event": "call.dtmf", "call_id": order.call, "digits": order.digits}


def _forward(order: Order) -> Frame:
    return {"event": "call.forward", "call_id": order.call, "to": order.to, "message": order.text, "announce": order.announce}


def _dial(order: Order) -> Frame:
    frame = {"event": "call.dial", "agent_id": order.agent, "to": order.to, "from": order.from_number}
    optional = {"greeting": order.greeting, "metadata": order.metadata}
    return {**frame, **{name: value for name, value in optional.items() if value}}


def _say(order: Order) -> Frame:
    return {
        "event": "bot.reply",
        "call_id": order.call,
        "message_id": order.message_id,
        "text": order.text,
        "in_reply_to": order.in_reply_to,
        "add_to_history": True,
    }


def _say_in_pieces(order: Order) -> list[Frame]:
    """The same words, so that the first of them are spoken before the last have arrived."""
    frame = {"event": "bot.reply.stream", "call_id": order.call, "message_id": order.message_id}
    start: Frame = {**frame, "action": "start"}
    if order.in_reply_to:
        start["in_reply_to"] = order.in_reply_to
    return [start, *({**frame, "action": "chunk", "token": piece} for piece in pieces_of(order.text)), {**frame, "action": "end"}]


def _stop(order: Order) -> Frame:
    if order.message_id:
        return {"event": "bot.cancel", "call_id": order.call, "message_id": order.message_id}
    return {"event": "bot.clear", "call_id": order.call}


def _whisper(order: Order) -> Frame:
    return {"event": "history.add_context", "call_id": order.call, "request_id": order.request_id, "text": order.text}


def _set_language(order: Order) -> Frame:
    return {"event": "session.configure", "session_id": order.call, "language": order.language}


def _route(order: Order) -> Frame:
    frame = {"event": "call.route", "call_id": order.call, "agent": order.to}
    optional = {"language": order.language, "greeting": order.greeting}
    return {**frame, **{name: value for name, value in optional.items() if value}}


_ENCODERS: dict[Verb, Callable[[Order], Frame]] = {
    Verb.PAUSE: _pause,
    Verb.RESUME: _pause,
    Verb.SEND: _send,
    Verb.ACCEPT: _accept,
    Verb.REJECT: _reject,
    Verb.HOLD: _plain("call.hold"),
    Verb.UNHOLD: _plain("call.unhold"),
    Verb.MUTE: _plain("call.mute"),
    Verb.UNMUTE: _plain("call.unmute"),
    Verb.DTMF: _dtmf,
    Verb.FORWARD: _forward,
    Verb.HANG_UP: _plain("call.hangup"),
    Verb.DIAL: _dial,
    Verb.SAY: _say,
    Verb.STOP_SPEAKING: _stop,
    Verb.WHISPER: _whisper,
    Verb.SET_LANGUAGE: _set_language,
    Verb.ROUTE: _route,
}
