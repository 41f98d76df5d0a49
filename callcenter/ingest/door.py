"""Who may come in: the connection named in the address, by its bearer token."""

from django.db import close_old_connections

from callcenter.ingest.message import Source
from callcenter.journal.connections import find_connection


def bearer(header: str) -> str:
    """The token of an ``Authorization: Bearer`` header, "" when there is none."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def enter(slug: str, token: str) -> Source | None:
    """The source these credentials open, else None."""
    if not token:
        return None
    close_old_connections()
    try:
        connection = find_connection(slug, token)
    finally:
        close_old_connections()
    if connection is None:
        return None
    return Source(connection.pk, connection.slug, connection.provider, connection.team_id)
