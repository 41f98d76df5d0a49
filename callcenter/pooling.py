"""Connections to PostgreSQL that died while nobody used them: a restarted database leaves the pool full of them."""

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin


def drop_dead_connections() -> None:
    """Close this thread's connection, and let the pool look at those that it would lend next. Raises nothing."""
    connection.close()
    pool = getattr(connection, "pool", None)  # only the wrapper for PostgreSQL has one
    if pool is not None:
        pool.check()


class DropDeadConnections(MiddlewareMixin):
    """Middleware: one page that failed for want of the database is enough, the next finds living connections."""

    def process_exception(self, _request: HttpRequest, error: Exception) -> None:
        if isinstance(error, OperationalError | InterfaceError):
            drop_dead_connections()
