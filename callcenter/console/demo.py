"""What a demonstration needs in the database: people, teams, connections, canned replies. Safe to make again."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.hashers import check_password, make_password
from django.db import OperationalError, close_old_connections, transaction

from callcenter.console.models import CannedReply
from callcenter.journal.connections import add_connection, rotate_token
from callcenter.journal.models import Connection
from callcenter.operators.models import Operator
from callcenter.operators.people import give_role, team_named
from callcenter.operators.roles import Role
from callcenter.providers.clients import Kind


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    role: Role
    teams: tuple[str, ...]


PEOPLE = (
    Person("sofia", Role.SUPERVISOR, ("North", "South")),
    Person("oskar", Role.OPERATOR, ("North",)),
    Person("ines", Role.OPERATOR, ("South",)),
    Person("admin", Role.ADMIN, ()),
)
# slug, provider, team
CANNED = {
    "hello": "Hello, a person here. How can I help?",
    "hours": "We are open from nine to six, Monday to Friday.",
    "moment": "One moment please, I am looking it up.",
}
CONNECTIONS = (("pinecall-demo", "pinecall", "North"), ("sippet-demo", "sippet", "South"))


def demo_password(file: Path) -> str:
    """One password for the demonstration's people, made at the first start and kept in ``file`` (mode 0600)."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(5) + "\n")
    return file.read_text().strip()


@transaction.atomic
def make_people(password: str) -> None:
    """Make the people, or give those of these names their role, teams and this password again."""
    first = Operator.objects.filter(username=PEOPLE[0].name).first()
    # Hashing is slow on purpose: once is enough. A new hash would also end the sessions of people who are signed in.
    hashed = first.password if first and check_password(password, first.password) else make_password(password)
    for person in PEOPLE:
        operator = Operator.objects.filter(username=person.name).first() or Operator(username=person.name)
        give_role(operator, person.role)
        operator.is_active = True
        operator.password = hashed
        operator.save()
        operator.teams.set([team_named(team) for team in person.teams])


def make_canned_replies() -> None:
    """Some to begin with; whoever changed or deleted them keeps what they have."""
    if not CannedReply.objects.exists():
        CannedReply.objects.bulk_create(CannedReply(name=name, text=text) for name, text in CANNED.items())


def opens_connections() -> bool:
    """Is there a connection that we dial? Then a runner is needed."""
    close_old_connections()
    try:
        return Connection.objects.filter(enabled=True).exclude(kind=Kind.PUSH).exists()
    except OperationalError:
        return False  # asked again in a moment


def make_connections() -> dict[str, str]:
    """Make the connections, or give existing ones a fresh token: {slug: token in plain text}."""
    found = {connection.slug: connection for connection in Connection.objects.filter(slug__in=[slug for slug, _, _ in CONNECTIONS])}
    tokens: dict[str, str] = {}
    for slug, provider, team in CONNECTIONS:
        if slug in found:
            tokens[slug] = rotate_token(found[slug])
        else:
            _, tokens[slug] = add_connection(slug, provider, team_named(team))
    return tokens
