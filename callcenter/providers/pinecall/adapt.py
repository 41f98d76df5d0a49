"""Fields that mean something else under some names: put right before the identity is read. Contract A.2.9, D5, D34 to D37, D58."""

from typing import Any

from callcenter.providers.values import epoch, number

Body = dict[str, Any]


def outbound(body: Body) -> Body:
    """A call that is dialled is outbound, said or not."""
    return {**body, "direction": "outbound"}


def chat(body: Body) -> Body:
    """Only chats have these names."""
    return {**body, "transport": "chat"}


def forwarded(body: Body) -> Body:
    """``to`` is the new number: neither end of this frame is the identity of the call."""
    return _without(body, "from", "to") | {"target": body.get("to")}


def routed(body: Body) -> Body:
    """``agent`` is the target; the frame is about ``agent_id``, the line."""
    return _without(body, "agent") | {"target": body.get("agent")}


def whatsapp_from_contact(body: Body) -> Body:
    """``from`` is the contact."""
    return _whatsapp(body, body.get("from") or body.get("contact_phone"))


def whatsapp_to_contact(body: Body) -> Body:
    """``to`` is the contact."""
    return _whatsapp(body, body.get("to") or body.get("contact_phone"))


def whatsapp_delivery(body: Body) -> Body:
    """``recipient`` is the contact."""
    return _whatsapp(body, body.get("recipient"))


def whatsapp_session(body: Body) -> Body:
    """``contact_phone`` is the contact; a bridge adds the call's own ends, of which ``from`` is the contact."""
    return _whatsapp(body, body.get("contact_phone") or body.get("from"))


def history(body: Body) -> Body:
    """A record of the customer's store calls the transport ``channel``, and may leave the end out that its duration tells."""
    body = {**body, "transport": body.get("transport") or body.get("channel")}
    begun, lasted = epoch(body.get("started_at")), number(body.get("duration"))
    if body.get("ended_at") is None and begun is not None and lasted is not None:
        body["ended_at"] = begun + lasted
    return whatsapp_session(body) if body["transport"] == "whatsapp" else body


def _whatsapp(body: Body, contact: Any) -> Body:
    return _without(body, "from", "to") | {"contact": contact, "transport": "whatsapp"}


def _without(body: Body, *keys: str) -> Body:
    return {key: value for key, value in body.items() if key not in keys}
