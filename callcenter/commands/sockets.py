"""Which ingest socket carries a command: the newest open one of its connection that speaks for the agent. Design §4."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from callcenter.commands.models import OpenSocket
from callcenter.journal.models import Connection

ALIVE_S = 15.0  # a process that has not said for longer that it holds the socket is dead
FORGET_S = 60.0


def register(pk: UUID, connection: int, now: datetime) -> None:
    Connection.objects.filter(pk=connection, took_commands=False).update(took_commands=True)
    OpenSocket.objects.create(pk=pk, connection_id=connection, opened_at=now, seen_at=now)


def unregister(pks: Sequence[UUID]) -> None:
    OpenSocket.objects.filter(pk__in=pks).delete()


def keep_alive(held: dict[UUID, tuple[list[str], bool]], now: datetime) -> None:
    """``held``: for each socket of this process the slugs that it spoke for so far, and whether it is a plain stream.

    Sockets of dead processes go.
    """
    for pk, (slugs, streams_only) in held.items():
        OpenSocket.objects.filter(pk=pk).update(seen_at=now, agents=slugs, streams_only=streams_only)
    OpenSocket.objects.filter(seen_at__lt=now - timedelta(seconds=FORGET_S)).delete()


def alive(connections: Sequence[int], now: datetime) -> list[OpenSocket]:
    """Newest first."""
    found = OpenSocket.objects.filter(connection__in=connections, seen_at__gte=now - timedelta(seconds=ALIVE_S))
    return list(found.order_by("-opened_at", "pk"))


def choose(sockets: Sequence[OpenSocket], connection: int, agent: str) -> OpenSocket | None:
    """``sockets`` newest first. One that names nobody may speak for any agent: a new one, or the runner's."""
    own = [socket for socket in sockets if socket.connection_id == connection]
    if not agent:
        return own[0] if own else None
    named = next((socket for socket in own if agent in socket.agents), None)
    return named or next((socket for socket in own if not socket.agents), None)


def only_streams(sockets: Iterable[OpenSocket]) -> frozenset[int]:
    """Connections of which every open socket is a plain stream."""
    sockets = list(sockets)
    return frozenset(s.connection_id for s in sockets) - {s.connection_id for s in sockets if not s.streams_only}


def is_listening(connection: int, agent: str, now: datetime) -> bool:
    """Is there a socket that would take a command for this agent now?"""
    return choose(alive([connection], now), connection, agent) is not None
