"""Reading a Sippet payload: nothing inside is promised, so every field is looked for under its aliases. Contract §4.1."""

from typing import Any

from msgspec import Struct

from callcenter.domain.decoded import Unreadable
from callcenter.providers.keys import converter
from callcenter.providers.values import ID_CHARS, clean, epoch, name, position

Body = dict[str, Any]

snake_keys = converter()

# Objects merged below the outer keys, and what their own ``id`` is called then.
PARTS = {"call": "call_id", "participant": "member_uuid", "item": "item_id", "transcript": "transcript_id", "audit_event": "id"}
WRAPPERS = ("payload", "data")
NESTED = 4
DIRECTIONS = frozenset({"inbound", "outbound"})


class Who(Struct, frozen=True):
    """Whose frame it is; ``fields`` are the identity fields of a CallEvent."""

    call: str
    agent: str
    agent_name: str
    fields: Body


def read_body(outer: Body) -> Body:
    """All fields of a payload on one level, in snake_case; outer keys win over what is nested in them."""
    body = snake_keys(outer)
    for _ in range(NESTED):
        body = _merge_parts(body)
        inner = _wrapped(body)
        if inner is None:
            break
        key, found = inner
        body = _below(body, key, snake_keys(found))
    return body


def _merge_parts(body: Body) -> Body:
    for part, own_id in PARTS.items():
        inner = body.get(part)
        if type(inner) is not dict:
            continue
        inner = dict(snake_keys(inner))
        # An id beside the part's own one is that of the whole record: everything was nested in one part.
        if "id" in inner and inner.get(own_id) is None:
            inner[own_id] = inner.pop("id")
        body = _below(body, part, inner)
    return body


def _below(body: Body, key: str, inner: Body) -> Body:
    """``inner``, which stood under ``key``, below the outer fields: an outer null hides nothing."""
    return inner | {field: value for field, value in body.items() if field != key and (value is not None or field not in inner)}


def _wrapped(body: Body) -> tuple[str, Body] | None:
    """An object under ``payload`` or ``data`` that holds the event; beside a call's identity it is a field of its own."""
    if _uuid(body):
        return None
    for key in WRAPPERS:
        inner = body.get(key)
        if type(inner) is dict and (not name(body.get("call_id")) or _uuid(_merge_parts(snake_keys(inner)))):
            return key, inner
    return None


def _uuid(body: Body) -> str:
    return name(body.get("call_uuid")) or name(body.get("uuid"))


def identify(body: Body) -> Who:
    """Calls are keyed by ``call_uuid``, never by the record's ``call_id``. Raises Unreadable for an impossible id."""
    uuid = next((clean(value) for value in (body.get("call_uuid"), body.get("uuid")) if type(value) is str and value), "")
    if len(uuid) > ID_CHARS:
        raise Unreadable(f"the call id has {len(uuid)} characters, more than {ID_CHARS}")
    agent = name(body.get("agent_id")) or name(body.get("ai_agent_id"))
    direction = body.get("direction")
    fields = {
        "call": uuid,
        "agent": agent.lower(),
        "from_number": name(body.get("from_number")) or name(body.get("from")),
        "to_number": name(body.get("to_number")) or name(body.get("to")),
        "direction": direction if type(direction) is str and direction in DIRECTIONS else "",
        "channel": "phone",
    }
    return Who(uuid, agent.lower(), agent, fields)


def time_of(body: Body, *keys: str) -> float | None:
    """The first of these fields that is a time, epoch s."""
    for key in keys:
        moment = epoch(body.get(key))
        if moment is not None:
            return moment
    return None


def item_of(body: Body) -> str:
    """What an utterance is known by: its item, and the part of it beyond the first. "" = not said."""
    item = name(body.get("item_id")) or name(body.get("segment_id")) or name(body.get("utterance_id"))
    part = position(body.get("content_index"))
    return f"{item}#{part}" if item and part else item
