"""The steps of connecting, one sentence each: what was found, and what to do when it is not as it should be."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec
from websockets.asyncio.client import ClientConnection

from callcenter.providers.client import Step
from callcenter.providers.pinecall.client import refusals, rest
from callcenter.providers.pinecall.client.gaps import GAPS
from callcenter.providers.pinecall.client.network import open_socket, shown_address, socket_base
from callcenter.providers.pinecall.client.options import (
    DirectOptions,
    DirectSecrets,
    ObserverOptions,
    ObserverSecrets,
    Options,
    Secrets,
    StreamOptions,
    StreamSecrets,
    validate,
)
from callcenter.providers.pinecall.client.pace import Pace
from callcenter.providers.pinecall.client.reading import frames_of, word
from callcenter.providers.pinecall.client.validation import slug_of
from callcenter.providers.pinecall.client.words import Broken, Hider, Refused, Stopped, failure
from callcenter.providers.pinecall.fields import agent_of

Steps = AsyncIterator[Step]
Openers = Callable[[str, int | None], Awaitable[ClientConnection]]


async def direct(options: DirectOptions, secrets: DirectSecrets, pace: Pace, hide: Hider) -> Steps:
    """Registers nothing: a check must not take an agent from whoever holds it."""
    settings = _settings(options, secrets)
    yield settings
    if not settings.ok:
        return
    name = "Key"
    try:
        yield Step(name, True, await _greet(options.server, secrets.api_key, pace, hide))
        name = "Numbers"
        numbers = await _numbers(options, secrets, pace)
        yield numbers
        if not numbers.ok:
            return
        name = "Agents"
        yield await _agents(options, secrets, pace)
    except (Stopped, *Broken) as error:
        words = str(error) if isinstance(error, Stopped) else failure(error, rest.address(options.server))
        yield Step(name, False, hide(words))


async def stream(options: StreamOptions, secrets: StreamSecrets, hide: Hider, first_event: Callable[[], Awaitable[str]]) -> Steps:
    """``first_event`` opens the stream and waits for its greeting."""
    settings = _settings(options, secrets)
    yield settings
    if not settings.ok:
        return
    try:
        yield Step("Stream", True, await first_event())
    except (Stopped, *Broken) as error:
        address = shown_address(options.url)
        yield Step("Stream", False, hide(str(error) if isinstance(error, Stopped) else failure(error, address, "The process")))
        return
    yield Step("Limits", True, " ".join(GAPS["stream"]))


async def observer(options: ObserverOptions, secrets: ObserverSecrets, hide: Hider, open_log: Openers) -> Steps:
    """Opens every agent's log once."""
    settings = _settings(options, secrets)
    yield settings
    if not settings.ok:
        return
    for agent in options.agents:
        try:
            socket = await open_log(agent, None)
        except (Stopped, *Broken) as error:
            words = str(error) if isinstance(error, Stopped) else failure(error, rest.address(options.server))
            yield Step(f"Log of {agent}", False, hide(words))
            return
        await socket.close()
        yield Step(f"Log of {agent}", True, f"The log of agent {agent} opens.")
    yield Step("Limits", True, " ".join(GAPS["observer"]))


def _settings(options: Options, secrets: Secrets) -> Step:
    problems = validate(options, secrets)
    return Step("Settings", not problems, " ".join(problems) or "The settings are complete.")


async def _greet(server: str, key: str, pace: Pace, hide: Hider) -> str:
    """Say who we are and hang up. Raises Stopped for a wrong key, Refused, and what a network can raise."""
    socket = await open_socket(f"{socket_base(server)}/client", pace.open_s)
    try:
        async with asyncio.timeout(pace.answer_s):
            await socket.send(msgspec.json.encode({"event": "connect", "api_key": key}), text=True)
            while True:
                for frame in frames_of(await socket.recv(), hide):
                    if word(frame, "event") == "connected":
                        return "Pinecall accepts the API key."
                    if word(frame, "event") == "error":
                        if refusals.is_about_the_key(frame):
                            raise Stopped(refusals.wrong_key(frame, hide))
                        raise Refused(refusals.unwelcome(frame, hide))
    except TimeoutError:
        raise Refused(f"Pinecall opened the line, but did not greet within {pace.answer_s:.0f} s: try again in a minute.") from None
    finally:
        await socket.close()


async def _numbers(options: DirectOptions, secrets: DirectSecrets, pace: Pace) -> Step:
    wanted = [phone.number for agent in options.agents for phone in agent.phones if phone.number.startswith("+")]
    if not wanted:
        return Step("Numbers", True, "No phone number is to be registered.")
    known = await rest.own_numbers(options.server, secrets.api_key, pace.open_s)
    if known is None:
        return Step("Numbers", True, "This server does not tell which numbers the account has; a wrong one shows when it is registered.")
    missing = [number for number in wanted if number not in known]
    if missing:
        return Step("Numbers", False, f"Not numbers of this Pinecall account: {', '.join(missing)}. Add them there, or remove them here.")
    return Step("Numbers", True, "The account has every number.")


async def _agents(options: DirectOptions, secrets: DirectSecrets, pace: Pace) -> Step:
    online = await rest.online_agents(options.server, secrets.api_key, pace.open_s)
    if online is None:
        return Step("Agents", True, "This server does not tell which agents are online; a conflict shows when they are registered.")
    slugs = {agent_of(slug)[0] for slug in online}
    held = [agent.id for agent in options.agents if slug_of(agent) in slugs]
    if held:
        words = "held by this connection if its line is up, else by another process, which must end first"
        return Step("Agents", True, f"Online now: {', '.join(held)}, {words}.")
    return Step("Agents", True, "No agent of this connection is online: nobody else holds them.")
