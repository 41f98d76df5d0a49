"""Short requests to the voice server: tokens, agents, numbers. Contract I.1 and I.2."""

from urllib.parse import quote

from callcenter.providers.client import Json
from callcenter.providers.pinecall.client.network import http_base, http_client, shown_address
from callcenter.providers.pinecall.client.reading import object_of, word
from callcenter.providers.pinecall.client.words import Refused, Stopped, shown

WRONG_KEY = "Pinecall does not accept the API key: copy it again from Pinecall's settings and save the connection."


async def stream_token(server: str, key: str, agent: str, wait_s: float) -> str:
    """A short-lived token for the log of one agent. Raises Stopped for a wrong key, Refused, and what a network can raise."""
    status, body = await get(server, f"/stream/token?agent_id={quote(agent, safe='')}", key, wait_s)
    token = word(body, "token")
    if status == 200 and token:
        return token
    if status == 404:
        raise Refused(f"Agent {agent} is not online at Pinecall: start the process that runs it. Tried again until it is.")
    said = shown(word(body, "detail", "error", "message"))
    raise Refused(f"Pinecall gives no token for agent {agent}: {said or f'it answers {status}'}.")


async def get(server: str, path: str, key: str, wait_s: float) -> tuple[int, Json]:
    """Status and JSON object. Raises Stopped for a wrong key."""
    url = http_base(server) + path
    async with http_client(url, wait_s) as client:
        answer = await client.get(url, headers={"Authorization": f"Bearer {key}"})
    if answer.status_code in (401, 403):
        raise Stopped(WRONG_KEY)
    return answer.status_code, object_of(answer.content)


async def online_agents(server: str, key: str, wait_s: float) -> list[str] | None:
    """Slugs of the agents that are online now, None = this server does not say."""
    status, body = await get(server, "/api/sdk/agents", key, wait_s)
    return _listed(body.get("agents"), "slug") if status == 200 else None


async def own_numbers(server: str, key: str, wait_s: float) -> list[str] | None:
    """The organisation's numbers, None = this server does not say."""
    status, body = await get(server, "/api/sdk/phone-numbers", key, wait_s)
    return _listed(body.get("phones", body.get("phoneNumbers")), "number") if status == 200 else None


def _listed(entries: object, key: str) -> list[str] | None:
    if not isinstance(entries, list):
        return None
    return [word(entry, key) for entry in entries if isinstance(entry, dict) and word(entry, key)]


def address(server: str) -> str:
    """For sentences."""
    return shown_address(http_base(server))
