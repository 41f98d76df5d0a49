"""What can be wrong with agents, numbers and addresses: plain sentences, each with what to do."""

import re
from collections import Counter
from collections.abc import Collection, Iterable
from urllib.parse import urlsplit

from callcenter.providers.pinecall.client.setup import AgentSetup
from callcenter.providers.pinecall.fields import agent_of

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
ORIGIN = re.compile(r"https?://[^/\s]+")


def http_address(value: str, what: str) -> list[str]:
    """An ``http`` or ``https`` address without a user's name and password in it."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return [f"{what} has an address that cannot be read: {value[:100]}"]
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return [f"{what} needs an address that begins with https:// (or http://)."]
    if parts.username or parts.password:
        return [f"{what} must not have a password in its address: it would show up in logs. Use the field for the secret."]
    if any(name in parts.query.lower() for name in ("token=", "key=", "secret=", "password=")):
        return [f"{what} must not have a secret in its address: it would show up in logs. Use the field for the secret."]
    return []


def repeated(values: Iterable[str]) -> list[str]:
    """What is there more than once, in order."""
    return [value for value, count in Counter(values).items() if count > 1]


def problems_of_agents(agents: tuple[AgentSetup, ...]) -> list[str]:
    """Agents, their numbers, limits and tools."""
    if not agents:
        return ["Add at least one agent: a direct connection exists to run agents."]
    found: list[str] = []
    for agent in agents:
        found += _problems_of_agent(agent)
    found += [f"Two agents are both called {slug}: to Pinecall they are the same." for slug in repeated(slug_of(a) for a in agents)]
    numbers = [phone.number for agent in agents for phone in agent.phones]
    found += [f"The number {number} is given to two channels: a number rings in one place only." for number in repeated(numbers)]
    refs = [channel.phone_number_id for agent in agents for channel in agent.whatsapp]
    found += [f"The WhatsApp number {ref} is given to two channels: remove one." for ref in repeated(refs)]
    return found


def slug_of(agent: AgentSetup) -> str:
    """How the server compares agents."""
    return agent_of(agent.id)[0]


def problems_of_whatsapp(agents: tuple[AgentSetup, ...], ready: Collection[str]) -> list[str]:
    """Numbers whose access token is missing."""
    return [
        f"WhatsApp number {channel.phone_number_id} of agent {agent.id} has no access token: copy one from Meta's developer page."
        for agent in agents
        for channel in agent.whatsapp
        if channel.phone_number_id not in ready
    ]


def _problems_of_agent(agent: AgentSetup) -> list[str]:
    who = f"Agent {agent.id}" if agent.id.strip() else "An agent"
    found: list[str] = []
    if not slug_of(agent):
        found.append("An agent has no id: give it a short name, such as frontdesk.")
    found += [
        f"{who}: {phone.number or 'an empty number'} is no phone number; write it as +442079460118, without spaces."
        for phone in agent.phones
        if not E164.fullmatch(phone.number) and not phone.number.startswith("sip:")
    ]
    found += [f"{who}: a WhatsApp channel has no phone number id." for channel in agent.whatsapp if not channel.phone_number_id.strip()]
    limits = (agent.max_duration_s, agent.idle_timeout_s, agent.idle_warning_s, agent.idle_grace_s, agent.record_max_s)
    if any(limit is not None and limit < 0 for limit in limits):
        found.append(f"{who}: a limit is a number of seconds from 0 (no limit) upwards.")
    found += [
        f"{who}: {origin[:100]} is no origin; write it as https://www.example.org, without a path."
        for origin in agent.allowed_origins
        if not ORIGIN.fullmatch(origin)
    ]
    found += [f"{who} has two tools called {name}." for name in repeated(tool.name for tool in agent.tools)]
    if any(not name.isidentifier() for tool in agent.tools for name in (tool.name, *(item.name for item in tool.parameters))):
        found.append(f"{who}: names of tools and of their parameters have letters, digits and _ only.")
    return found
