"""Orders as Sippet's RPC bodies. No inputs are documented: this table is the one place where they are guessed. Contract 7."""

from collections.abc import Callable
from typing import Any

from callcenter.domain.commands.order import Order, Verb

Frame = dict[str, Any]


def encode(order: Order) -> list[Frame]:
    """The body of this order, always one. Raises KeyError for a verb that Sippet does not know."""
    action, given = _ACTIONS[order.verb]
    return [{"action": action, "input": {name: value for name, value in given(order).items() if value}}]


def action_of(verb: Verb) -> str:
    """The action that this verb becomes, "" = Sippet has none."""
    return _ACTIONS[verb][0] if verb in _ACTIONS else ""


def _call(order: Order) -> Frame:
    return {"callUuid": order.call}


_ACTIONS: dict[Verb, tuple[str, Callable[[Order], Frame]]] = {
    Verb.HANG_UP: ("end_call", _call),
    Verb.BARGE: ("barge_call", lambda order: {"callUuid": order.call, "sipUserId": order.sip_user}),
    Verb.RESUME_AI: ("resume_ai_call", _call),
    Verb.DIAL: ("start_outbound_call", lambda order: {"toNumber": order.to, "fromNumber": order.from_number}),
    Verb.SET_STATUS: ("set_operator_status", lambda order: {"sipUserId": order.sip_user, "status": order.status}),
}
