"""Whether the readers of open pages may still see them: people are deactivated, sign out, change teams."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.sessions.models import Session
from django.utils import timezone

from callcenter.console.floor import Audience, audience_of
from callcenter.operators.models import Operator

if TYPE_CHECKING:
    from callcenter.live.socket import Socket


@dataclass(frozen=True, slots=True)
class Verdict:
    signed_out: bool
    audience: Audience = frozenset()


def verdicts(sockets: list["Socket"]) -> list[tuple["Socket", Verdict]]:
    """Two queries, and one more for each operator whose pages are open."""
    operators = {operator.pk: operator for operator in Operator.objects.filter(pk__in={s.operator for s in sockets}, is_active=True)}
    sessions = set(
        Session.objects.filter(session_key__in={s.session for s in sockets}, expire_date__gt=timezone.now()).values_list("session_key", flat=True)
    )
    audiences = {pk: audience_of(operator) for pk, operator in operators.items()}
    found = []
    for socket in sockets:
        operator = operators.get(socket.operator)
        if operator is None or socket.session not in sessions or operator.get_session_auth_hash() != socket.auth_hash:
            found.append((socket, Verdict(True)))
        else:
            found.append((socket, Verdict(False, audiences[socket.operator])))
    return found
