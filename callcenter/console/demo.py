"""What a demonstration needs in the database: people, teams, connections, canned replies. Safe to make again."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from callcenter.calls.models import Agent
from callcenter.calls.moving import rename_agent
from callcenter.console.models import CannedReply
from callcenter.journal.connections import add_connection, open_anew, rotate_token
from callcenter.journal.models import Connection
from callcenter.journal.outbound.vault import seal
from callcenter.operators.models import Operator
from callcenter.operators.people import give_role, team_named
from callcenter.operators.roles import Role
from callcenter.providers.clients import PROVIDERS, Kind
from callcenter.providers.simulator.businesses import businesses_of, by_agent
from callcenter.providers.simulator.sippet_form import agent_id


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
CANNED = {
    "hello": "Hello, a person here. How can I help?",
    "hours": "We are open from nine to six, Monday to Friday.",
    "moment": "One moment please, I am looking it up.",
}


@dataclass(frozen=True, slots=True)
class Dialled:
    """A connection that the runner opens to a played service. ``secret``: name and value, as that service takes it."""

    slug: str
    kind: Kind
    team: str
    address: str  # the option that holds the service's address
    secret: tuple[str, str]
    agents: tuple[str, ...] = ()


PUSHED = (("pinecall-demo", "pinecall", "North"),)  # slug, provider, team
PUSHED_AGENTS = ("harbour-dental", "northgate-bikes", "rivera-home")
DIALLED = (
    Dialled("pinecall-direct", Kind.PINECALL_DIRECT, "North", "server", ("api_key", "pk_demo"), ("casa-lola", "tienda-solana")),
    Dialled("sippet-direct", Kind.SIPPET, "South", "base_url", ("secret_key", "sk_simulated")),
)


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
        operator.sip_user = operator.sip_user or f"op.{person.name}"
        operator.password = hashed
        operator.save()
        operator.teams.set([team_named(team) for team in person.teams])


def make_canned_replies() -> None:
    """Some to begin with; whoever changed or deleted them keeps what they have."""
    if not CannedReply.objects.exists():
        CannedReply.objects.bulk_create(CannedReply(name=name, text=text) for name, text in CANNED.items())


def name_agents() -> None:
    """Sippet tells no names, so an administrator gives them; whoever gave other ones keeps them."""
    for connection in Connection.objects.filter(provider="sippet"):
        for business in businesses_of("sippet"):
            called = {"name": business.name, "team": connection.team}
            agent, _ = Agent.objects.get_or_create(connection=connection, slug=agent_id(business.agent), defaults=called)
            if agent.name == agent.slug:
                rename_agent(agent, business.name)


def make_pushed(wanted: Sequence[tuple[str, str, str]] = PUSHED) -> dict[str, str]:
    """Make the connections that their providers open, or give them fresh tokens: {slug: token in plain text}."""
    known = {connection.slug: connection for connection in Connection.objects.filter(slug__in=[slug for slug, _, _ in wanted])}
    return {
        slug: rotate_token(known[slug]) if slug in known else add_connection(slug, provider, team_named(team))[1]
        for slug, provider, team in wanted
    }


@transaction.atomic
def make_dialled(addresses: Mapping[str, str]) -> None:
    """Make the connections that we open, or point existing ones to where their services are now: ``{slug: address}``.

    Whatever else of them was changed in the administration stays.
    """
    for wanted in DIALLED:
        found = Connection.objects.filter(slug=wanted.slug).first()
        if found is None:
            found, _ = add_connection(wanted.slug, PROVIDERS[wanted.kind], team_named(wanted.team), kind=wanted.kind)
            for agent in wanted.agents:
                setup = found.agent_setups.create(slug=agent, options={"webrtc": True, "chat": True, "meters": True})
                business = by_agent(found.provider, agent)
                for number in business.numbers if business else ():
                    setup.parts.create(part="phones", options={"number": number})
        name, value = wanted.secret
        found.options = {**found.options, wanted.address: addresses[wanted.slug]}
        found.secrets = {**found.secrets, name: seal(value)}
        found.save(update_fields=["options", "secrets"])
        open_anew(Connection.objects.filter(pk=found.pk))
