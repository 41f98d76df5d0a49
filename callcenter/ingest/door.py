"""Who may come in: the connection named in the address, by its bearer token."""

from collections.abc import Callable

from django.db import close_old_connections

from callcenter.ingest.message import Source
from callcenter.journal.connections import find_by_hook, find_connection
from callcenter.journal.models import Connection
from callcenter.journal.outbound.lease import is_runner


def bearer(header: str) -> str:
    """The token of an ``Authorization: Bearer`` header, "" when there is none."""
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def enter(slug: str, token: str) -> Source | None:
    """The source these credentials open, else None."""
    return _source(find_connection, slug, token) if token else None


def enter_by_hook(slug: str, key: str) -> Source | None:
    """The source behind this address of webhooks, else None."""
    return _source(find_by_hook, slug, key)


def _source(find: Callable[[str, str], Connection | None], slug: str, secret: str) -> Source | None:
    close_old_connections()
    try:
        connection = find(slug, secret)
        by_runner = connection is not None and is_runner(connection, secret)
    finally:
        close_old_connections()
    if connection is None:
        return None
    return Source(connection.pk, connection.slug, connection.provider, connection.team_id, by_runner)
