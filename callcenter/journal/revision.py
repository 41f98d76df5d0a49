"""The counter behind every revision."""

from django.db import connection

_NEXT = (
    "INSERT INTO journal_revision (id, value) VALUES (1, 1) "
    "ON CONFLICT (id) DO UPDATE SET value = journal_revision.value + 1 RETURNING value"
)


def next_revision() -> int:
    """Take the next number, which stays locked until the commit: so revision order is commit order.

    Call it when everything else is written and locked; after it come only the statements that put it on rows.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEXT)
        return int(cursor.fetchone()[0])


def current_revision() -> int:
    """The last number committed, 0 before the first; read it before the rows it stands for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT value FROM journal_revision WHERE id = 1")
        found = cursor.fetchone()
        return int(found[0]) if found else 0
