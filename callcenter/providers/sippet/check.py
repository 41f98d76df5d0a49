"""The way to Sippet, step by step, each told in one sentence; the first that fails is the last."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from websockets.asyncio.client import ClientConnection

from callcenter.providers.client import Step
from callcenter.providers.sippet.actions import ask_table
from callcenter.providers.sippet.api import Api, KeyRefused, Refused, Unavailable
from callcenter.providers.sippet.dial import TokenRefused, open_socket
from callcenter.providers.sippet.options import SippetOptions, SippetSecrets, listed, validate
from callcenter.providers.sippet.rows import Rows
from callcenter.providers.sippet.snapshot import CALL_FIELDS, read_call
from callcenter.providers.sippet.wire import Dropped, Ear, JoinRefused, Wire


class _Failed(Exception):
    """The step that failed, and in which words."""

    def __init__(self, name: str, words: str) -> None:
        super().__init__(words)
        self.step = Step(name, ok=False, words=words)


async def walk(options: SippetOptions, secrets: SippetSecrets) -> AsyncIterator[Step]:
    """Settings, key and token, socket, channel, calls, actions."""
    api = Api(options, secrets)
    try:
        yield _settings(options)
        async with aclosing(_steps(api, options)) as steps:
            async for step in steps:
                yield step
    except _Failed as failure:
        yield failure.step
    finally:
        await api.close()


def _settings(options: SippetOptions) -> Step:
    problems = validate(options)
    if problems:
        raise _Failed("settings", " ".join(problems))
    return Step("settings", ok=True, words="The settings make sense.")


async def _steps(api: Api, options: SippetOptions) -> AsyncGenerator[Step, None]:
    try:
        token = await api.mint()
    except KeyRefused as refusal:
        raise _Failed("key", str(refusal)) from None
    except Unavailable as trouble:
        raise _Failed("token", str(trouble)) from None
    yield Step("key", ok=True, words="Sippet takes the secret key.")
    yield Step("token", ok=True, words=f"A session token was made; it lives {max(token.until - monotonic(), 0):.0f} s.")
    try:
        async with open_socket(options, token) as socket:
            yield Step("socket", ok=True, words="The realtime socket is open.")
            yield await _join(socket, options)
    except TokenRefused:
        words = "The socket refuses the token that was just made: check token_parameter, and whether the clocks agree."
        raise _Failed("socket", words) from None
    except Unavailable as trouble:
        raise _Failed("socket", str(trouble)) from None
    yield await _calls(api, options)
    yield await _actions(api, options)


async def _join(socket: ClientConnection, options: SippetOptions) -> Step:
    told: asyncio.Future[Step] = asyncio.get_running_loop().create_future()

    async def relay(frames: Sequence[object]) -> None:
        """The running line hears them too."""

    def tell(words: str, *, ok: bool) -> None:
        if not told.done():
            told.set_result(Step("channel", ok=ok, words=words))

    ear = Ear(relay, lambda topic: tell(f"The channel {topic} is joined.", ok=True), lambda _: None, lambda words: tell(words, ok=False))
    topics = [options.topic.strip(), *listed(options.other_topics)]
    line = asyncio.create_task(Wire(socket, options, topics, ear).attend())
    try:
        either: set[asyncio.Future[Any]] = {line, told}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        if not told.done():
            line.result()
    except JoinRefused as refusal:
        tell(f"Sippet refuses the channel ({refusal}): check the key's rights.", ok=False)
    except Dropped as trouble:
        tell(f"{trouble} Check the channel's name and try again.", ok=False)
    finally:
        line.cancel()
        await asyncio.gather(line, return_exceptions=True)
    step = told.result()
    if not step.ok:
        raise _Failed(step.name, step.words)
    return step


async def _calls(api: Api, options: SippetOptions) -> Step:
    since = (datetime.now(UTC) - timedelta(hours=options.bootstrap_hours)).isoformat(timespec="seconds").replace("+00:00", "Z")
    rows = Rows(api)
    try:
        found = await rows.fetch(options.calls_action, CALL_FIELDS, {"startedAt": {"greaterThan": since}}, paged=False)
    except KeyRefused:
        raise _Failed("calls", "The key opens the socket but no actions: it must be the secret key.") from None
    except (Unavailable, Refused) as trouble:
        raise _Failed("calls", f"Calls cannot be listed, so nothing can be repaired after a gap: {trouble}") from None
    read = sum(read_call(row, options) is not None for row in found)
    if found and not read:
        raise _Failed("calls", f"Sippet lists {len(found)} calls, but none says its callUuid.")
    without = ", ".join(sorted(rows.unknown.get(options.calls_action, set())))
    return Step("calls", ok=True, words=f"Sippet lists {read} calls." + (f" It does not know {without}." if without else ""))


async def _actions(api: Api, options: SippetOptions) -> Step:
    try:
        found = await ask_table(api, options)
    except (KeyRefused, Unavailable) as trouble:
        raise _Failed("actions", f"Actions cannot be tried: {trouble}") from None
    if found:
        words = " ".join(words for words, _ in found.values())
        raise _Failed("actions", f"{words} Correct their names and inputs, or leave the names empty.")
    return Step("actions", ok=True, words="Every action of the table is known and takes its input.")
