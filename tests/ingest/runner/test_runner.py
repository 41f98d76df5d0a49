"""The runner holds its lease whatever its lines do, and is the only one of its process that asks the database."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from time import monotonic
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from callcenter.ingest.runner import runner
from callcenter.ingest.runner.outbound import Outbound
from callcenter.ingest.runner.runner import Runner
from callcenter.journal.models import Connection
from callcenter.journal.outbound import lease
from callcenter.operators.models import Team
from callcenter.providers.client import Line
from tests.factories import make_connection

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
        outbound = Outbound(Connection(pk=pk, slug=f"line-{pk}"), "here", 1, made.may_act, made._ask)
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


async def second_runner() -> Runner:
    """One that finds the lease in the hands of another, which lets no beat rise."""
    seen = await sync_to_async(lease.read_lease)()
    assert await sync_to_async(lease.take)(seen, "another", "elsewhere")
    return Runner(lambda _line: None)


async def test_who_stood_still_itself_takes_nothing_from_one_that_may_live(monkeypatch: pytest.MonkeyPatch) -> None:
    ahead, looks, before = 0.0, 0, 0
    monkeypatch.setattr(runner, "monotonic", lambda: monotonic() + ahead)
    monkeypatch.setattr(lease, "BEAT_S", 0.1)
    made = await second_runner()
    ask = made._ask

    async def counted(*arguments: Any) -> Any:
        nonlocal looks
        looks += 1
        return await ask(*arguments)

    async def looked_again() -> bool:
        return looks > before + 2

    async def holds() -> bool:
        return bool(made.fence)

    monkeypatch.setattr(made, "_ask", counted)
    waiting = asyncio.create_task(made._wait_for_lease())
    await until(looked_again)
    ahead, before = 60.0, looks
    await until(looked_again)
    assert not made.fence
    monkeypatch.setattr(lease, "DEAD_S", 0.1)  # the other one's beat stands still indeed
    await until(holds)
    await waiting
    await made._ask(connections.close_all)
    made.thread.shutdown()


async def test_who_looks_slowly_takes_over_too_from_one_that_died(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "BEAT_S", 0.02)
    monkeypatch.setattr(lease, "DEAD_S", 0.1)
    made = await second_runner()
    ask = made._ask

    async def slow(*arguments: Any) -> Any:
        await asyncio.sleep(0.1)
        return await ask(*arguments)

    monkeypatch.setattr(made, "_ask", slow)
    await asyncio.wait_for(made._wait_for_lease(), 30)
    assert made.fence
    await made._ask(connections.close_all)
    made.thread.shutdown()


async def test_what_is_set_up_is_read_in_the_database_thread_of_the_runner(north: Team, settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    made = Runner(lambda _line: None)
    asked: list[str] = []

    async def ask(work: Callable[..., Any], *arguments: Any) -> Any:
        def noted() -> Any:
            asked.append(threading.current_thread().name)
            return work(*arguments)

        return await made._ask(noted)

    connection = await sync_to_async(make_connection)("keyless", north, kind="pinecall-direct")
    outbound = Outbound(connection, "here", 1, made.may_act, ask)
    task = asyncio.create_task(outbound.run())

    async def stopped() -> bool:
        return outbound.book.page.line == Line.STOPPED

    await until(stopped)
    assert [name.split("_")[0] for name in asked] == ["runner"]
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await made._ask(connections.close_all)
    made.thread.shutdown()
