"""The runner holds its lease whatever its lines do."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from asgiref.sync import sync_to_async

from callcenter.ingest.runner import runner
from callcenter.ingest.runner.outbound import Outbound
from callcenter.ingest.runner.runner import Runner
from callcenter.journal.models import Connection
from callcenter.journal.outbound import lease

pytestmark = pytest.mark.django_db(transaction=True)


async def until(ready: Callable[[], Awaitable[bool]]) -> None:
    for _ in range(1500):
        if await ready():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it never came so far")


async def beat() -> int:
    return (await sync_to_async(lease.read_lease)()).beat


async def test_the_lease_is_renewed_while_lines_take_long_to_close(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "LOOK_S", 0.05)
    made = Runner(lambda _line: None)
    closing: list[str] = []
    let_go = asyncio.Event()

    async def slow(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            closing.append(name)
            await let_go.wait()
            closing.remove(name)

    for pk in (901, 902):  # nobody wants them any more
        outbound = Outbound(Connection(pk=pk, slug=f"line-{pk}"), 1, made.may_act)
        made.open[pk] = ("", "", 0), outbound, asyncio.create_task(slow(outbound.connection.slug))
    running = asyncio.create_task(made.run())

    async def both_close() -> bool:
        return len(closing) == 2

    await until(both_close)
    seen = await beat()

    async def still_renewed() -> bool:
        return await beat() > seen + 2

    await until(still_renewed)
    assert made.may_act()
    running.cancel()
    let_go.set()
    await asyncio.gather(running, return_exceptions=True)
    assert (closing, made.open) == ([], {})
