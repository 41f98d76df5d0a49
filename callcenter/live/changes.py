"""What changed since a revision. A look asks this ten times a second: the statements are plain, because making them with the ORM
takes longer than running them.
"""

from functools import cache, lru_cache
from typing import Any

from django.db import connection
from msgspec import Struct

from callcenter.calls.models import Agent, Call, Contact, Thread, Tombstone
from callcenter.operators.models import Operator

CONTACT = ("id", "team_id", "digits", "phone", "name")


class Kinds(Struct, frozen=True):
    """Which kinds of rows, besides calls, have changed."""

    agents: bool
    threads: bool
    gone: bool


def changed_kinds(revision: int) -> Kinds:
    with connection.cursor() as cursor:
        cursor.execute(_kinds_sql(), [revision] * 3)
        return Kinds(*map(bool, cursor.fetchone()))


def changed_calls(revision: int) -> list[Call]:
    """In the order of commits, with contact, holder and thread; agents and connections are few, so the caller shares them."""
    calls = list(Call.objects.raw(_calls_sql(), [revision]))
    for call in calls:
        if call.contact_id is not None:
            call.contact = _contact(call.contact_id, *(getattr(call, f"of_contact_{name}") for name in CONTACT[1:]))
    _join_holders(calls)
    return calls


@lru_cache(maxsize=4096)
def _contact(*values: Any) -> Contact:
    """The same values are the same contact: nobody who looks changes it."""
    return Contact.from_db(connection.alias, CONTACT, values)


def _join_holders(calls: list[Call]) -> None:
    """Of most calls the agent is the holder, and few have a thread."""
    threads = {call.thread_id for call in calls if call.thread_id is not None}
    known = Thread.objects.select_related("holder").in_bulk(threads) if threads else {}
    holders = {call.holder_id for call in calls if call.holder_id is not None}
    people = Operator.objects.in_bulk(holders) if holders else {}
    for call in calls:
        if call.thread_id is not None:
            call.thread = known[call.thread_id]
        if call.holder_id is not None:
            call.holder = people[call.holder_id]


@cache
def _kinds_sql() -> str:
    quote = connection.ops.quote_name
    newer = (f"EXISTS (SELECT 1 FROM {quote(kind._meta.db_table)} WHERE revision > %s)" for kind in (Agent, Thread, Tombstone))  # noqa: S608
    return f"SELECT {', '.join(newer)}"


@cache
def _calls_sql() -> str:
    quote = connection.ops.quote_name
    own = [f"c.{quote(str(field.column))}" for field in Call._meta.concrete_fields]
    theirs = [f"k.{quote(name)} AS of_contact_{name}" for name in CONTACT[1:]]
    calls, contacts = quote(Call._meta.db_table), quote(Contact._meta.db_table)
    return (
        f"SELECT {', '.join([*own, *theirs])} FROM {calls} c LEFT JOIN {contacts} k ON k.id = c.contact_id "  # noqa: S608
        "WHERE c.revision > %s ORDER BY c.revision, c.id"
    )
