"""Agents, contacts and threads by their natural keys, made when they are first seen."""

from collections.abc import Container, Iterable

from callcenter.calls.models import Agent, Contact, Thread
from callcenter.journal.models import Connection


class Directory:
    """Agents, contacts and threads by their natural keys; what is known is not asked again.

    Must be cleared when a transaction fails that made some of them, and now and then: an administrator may move an agent.
    """

    def __init__(self) -> None:
        self.connections: dict[int, Connection] = {}
        self.agents: dict[tuple[int, str], Agent] = {}
        self.contacts: dict[tuple[int, str], Contact] = {}
        self.threads: dict[tuple[int, str], Thread] = {}

    def clear(self) -> None:
        for known in (self.connections, self.agents, self.contacts, self.threads):
            known.clear()

    def find_connections(self, wanted: set[int]) -> None:
        missing = wanted - self.connections.keys()
        if missing:
            self.connections.update({connection.pk: connection for connection in Connection.objects.filter(pk__in=missing)})

    def find_agents(self, wanted: dict[tuple[int, str], str]) -> None:
        """Load or make agents; ``wanted`` maps (connection id, slug) to its owner's spelling."""
        self.find_connections({connection for connection, _ in wanted})
        wanted = {key: name for key, name in wanted.items() if key not in self.agents}
        if not wanted:
            return
        self._load_agents(wanted)
        missing = [
            Agent(connection_id=connection, slug=slug[:200], name=(name or slug)[:200], team_id=self.connections[connection].team_id)
            for (connection, slug), name in wanted.items()
            if (connection, slug) not in self.agents
        ]
        if missing:
            Agent.objects.bulk_create(missing, ignore_conflicts=True)
            self._load_agents(wanted)

    def _load_agents(self, wanted: Iterable[tuple[int, str]]) -> None:
        slugs = {slug for _, slug in wanted}
        found = Agent.objects.filter(connection__in={c for c, _ in wanted}, slug__in=slugs).order_by("id")
        self.agents.update({(agent.connection_id, agent.slug): agent for agent in found})

    def find_contacts(self, wanted: dict[tuple[int, str], tuple[str, str]], renamed: Container[tuple[int, str]] = ()) -> None:
        """Load or make contacts; ``wanted`` maps (team id, digits) to (number as written, profile name).

        ``renamed``: those that take this name though they have another one.
        """
        unknown = [key for key in wanted if key not in self.contacts]
        if unknown:
            self._load_contacts(unknown)
        missing = [
            Contact(team_id=team, digits=digits, phone=phone[:64], name=name[:200])
            for (team, digits), (phone, name) in wanted.items()
            if (team, digits) not in self.contacts
        ]
        if missing:
            Contact.objects.bulk_create(missing, ignore_conflicts=True)
            self._load_contacts(wanted)
        other = []
        for key, (_, name) in wanted.items():
            contact = self.contacts[key]
            if key in renamed and name and contact.name != name[:200]:
                contact.name = name[:200]
                other.append(contact)
        if other:
            Contact.objects.bulk_update(other, ["name"])

    def _load_contacts(self, wanted: Iterable[tuple[int, str]]) -> None:
        keys = list(wanted)
        found = Contact.objects.filter(team__in={team for team, _ in keys}, digits__in={digits for _, digits in keys})
        self.contacts.update({(contact.team_id, contact.digits): contact for contact in found})

    def find_threads(self, wanted: dict[tuple[int, str], int]) -> None:
        """Load or make threads; ``wanted`` maps (agent id, digits) to the contact's id."""
        unknown = [key for key in wanted if key not in self.threads]
        if unknown:
            self._load_threads(unknown)
        missing = [
            Thread(agent_id=agent, digits=digits, contact_id=contact)
            for (agent, digits), contact in wanted.items()
            if (agent, digits) not in self.threads
        ]
        if missing:
            Thread.objects.bulk_create(missing, ignore_conflicts=True)
            self._load_threads(wanted)

    def _load_threads(self, wanted: Iterable[tuple[int, str]]) -> None:
        keys = list(wanted)
        found = Thread.objects.filter(agent__in={agent for agent, _ in keys}, digits__in={digits for _, digits in keys})
        self.threads.update({(thread.agent_id, thread.digits): thread for thread in found})
