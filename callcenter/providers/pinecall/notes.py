"""Worth a line in the timeline and nothing else: D49, D52, D53, I.3."""

from typing import Any

from callcenter.domain.events.base import Event
from callcenter.domain.events.work import Noted
from callcenter.providers.pinecall.fields import Who, rest
from callcenter.providers.values import NAME_CHARS, name, position, sequence

Body = dict[str, Any]


def skill_loaded(body: Body, who: Who) -> Event:
    return _skill(body, who, "skill_loaded")


def skill_unloaded(body: Body, who: Who) -> Event:
    return _skill(body, who, "skill_unloaded")


def _skill(body: Body, who: Who, kind: str) -> Event:
    seq = sequence(body.get("seq"))
    key = f"{name(body.get('skill'))}:{'' if seq is None else seq}"
    return Noted(**who.fields, kind=kind, key=key, data=rest(body))


def preparing_timeout(body: Body, who: Who) -> Event:
    turn = position(body.get("turn"))
    return Noted(**who.fields, kind="preparing_timeout", key="" if turn is None else str(turn), data=rest(body))


def memory(body: Body, who: Who) -> Event:
    turn = position(body.get("turn"))
    key = ",".join(operation_ids(body)) or ("" if turn is None else f"turn {turn}")
    return Noted(**who.fields, kind="memory", key=key[:NAME_CHARS], data=rest(body))


def operation_ids(body: Body) -> list[str]:
    operations = body.get("ops")
    if type(operations) is not list:
        return []
    return [key for operation in operations if type(operation) is dict and (key := name(operation.get("id")))]


def summary(body: Body, who: Who) -> Event:
    """There is one at the end of a call."""
    return Noted(**who.fields, kind="summary", key="", data=rest(body))
