"""Whether the readers of open pages may still see them: people are deactivated, sign out, change teams."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.sessions.models import Session
from django.utils import timezone

from callcenter.console.floor import Audience
from callcenter.operators.models import Operator

if TYPE_CHECKING:
    from callcenter.live.socket import Socket


class DeniedError(Exception):
    """The reader may not see this screen, or there is no such."""


@dataclass(frozen=True, slots=True)
class Verdict:
    signed_out: bool
    audience: Audience = frozenset()
    role: str = ""


def verdicts(sockets: list["Socket"]) -> list[tuple["Socket", Verdict]]:
    """A constant number of queries, however many pages are open."""
    readers = {socket.reader for socket in sockets}
    people = Operator.objects.filter(pk__in={reader.operator for reader in readers}, is_active=True).prefetch_related("teams")
    operators = {operator.pk: operator for operator in people}
    alive = Session.objects.filter(session_key__in={reader.session for reader in readers}, expire_date__gt=timezone.now())
    sessions = set(alive.values_list("session_key", flat=True))
    audiences: dict[int, Audience] = {
        pk: None if operator.sees_everything else frozenset(team.pk for team in operator.teams.all()) for pk, operator in operators.items()
    }
    found = []
    for socket in sockets:
        reader = socket.reader
        operator = operators.get(reader.operator)
        if operator is None or reader.session not in sessions or operator.get_session_auth_hash() != reader.auth_hash:
            found.append((socket, Verdict(True)))
        else:
            found.append((socket, Verdict(False, audiences[reader.operator], operator.role)))
    return found
