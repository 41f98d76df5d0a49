"""WhatsApp messages, answers and delivery: D34 to D36."""

from typing import Any

from callcenter.domain.events.base import Event
from callcenter.domain.events.whatsapp import WhatsAppAnswered, WhatsAppDelivered, WhatsAppReceived
from callcenter.providers.pinecall.fields import Who
from callcenter.providers.values import name, text

Body = dict[str, Any]
DELIVERY = frozenset({"sent", "delivered", "read", "failed"})


def received(body: Body, who: Who) -> Event:
    paused = body.get("paused")
    return WhatsAppReceived(
        **who.fields,
        contact=who.contact,
        name=name(body.get("name")) or name(body.get("contact_name")),
        message_id=name(body.get("message_id")),
        kind=name(body.get("type")).lower() or "text",
        text=text(body.get("text")),
        paused=paused if type(paused) is bool else None,
    )


def answered(body: Body, who: Who) -> Event | None:
    said = text(body.get("text"))
    if not said:
        return None
    return WhatsAppAnswered(
        **who.fields, contact=who.contact, text=said, human=body.get("source") == "human", message_id=name(body.get("message_id"))
    )


def delivered(body: Body, who: Who) -> Event | None:
    """Without contact and call, nobody can tell which thread it is about."""
    status, message_id = name(body.get("status")).lower(), name(body.get("message_id"))
    if status not in DELIVERY or not message_id or not (who.contact or who.call):
        return None
    return WhatsAppDelivered(
        agent=who.agent, contact=who.contact, status=status, message_id=message_id, call=who.call, error=text(body.get("error"))
    )
