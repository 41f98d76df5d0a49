"""Pages by position, not by number: rows that change while somebody reads move to the end, and none is missed."""

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

M = TypeVar("M", bound=Model)
LARGEST = 2**63 - 1
DIGITS = 18  # of a number in a cursor; all such numbers fit the database
PAIR = rf"[0-9]{{1,{DIGITS}}}-[0-9]{{1,{DIGITS}}}"
NUMBER = rf"[0-9]{{1,{DIGITS}}}"


def page_by_revision(rows: QuerySet[M], since: int | None, cursor: str, limit: int) -> tuple[list[M], str | None]:
    """One page in the order (revision, id), and the cursor of the next one. ``since`` is exclusive; the cursor is a PAIR."""
    rows = rows.order_by("revision", "id")
    if since is not None:
        rows = rows.filter(revision__gt=since)
    if cursor:
        revision, pk = map(int, cursor.split("-"))
        rows = rows.filter(Q(revision__gt=revision) | Q(revision=revision, id__gt=pk))
    return _cut(rows, limit, "revision", "id")


def page_by_number(rows: QuerySet[M], field: str, cursor: str, limit: int) -> tuple[list[M], str | None]:
    """One page in the order of a unique number, and the cursor of the next one: a NUMBER."""
    rows = rows.order_by(field)
    if cursor:
        rows = rows.filter(**{f"{field}__gt": int(cursor)})
    return _cut(rows, limit, field)


def _cut(rows: QuerySet[M], limit: int, *fields: str) -> tuple[list[M], str | None]:
    """``limit`` rows, and the place of the last one if there are more."""
    found = list(rows[: limit + 1])
    if len(found) <= limit:
        return found, None
    last: Any = found[limit - 1]
    return found[:limit], "-".join(str(getattr(last, field)) for field in fields)
