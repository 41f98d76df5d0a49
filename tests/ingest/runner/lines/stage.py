"""A thread in which played providers live, so that a test can watch processes meanwhile."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

from callcenter.providers.clients import PROVIDERS, Kind
from tests.ingest.runner.world import World
from tests.servers import WAIT_S

Json = dict[str, Any]
T = TypeVar("T")


class Stage:
    """An event loop of its own."""

    def __init__(self) -> None:
        self.ready = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._last()))
        self.thread.start()
        self.ready.wait(WAIT_S)

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """What this comes to, in the thread."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(WAIT_S)

    def do(self, work: Callable[[], T]) -> T:
        """The same for what waits for nothing."""

        async def done() -> T:
            return work()

        return self.wait(done())

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.over.set)
        self.thread.join()

    async def _last(self) -> None:
        self.loop, self.over = asyncio.get_running_loop(), asyncio.Event()
        self.ready.set()
        await self.over.wait()


MAKE = """
from callcenter.journal.connections import add_connection
from callcenter.journal.models import AgentSetup
from callcenter.journal.outbound.vault import seal
from callcenter.operators.people import team_named
connection, _ = add_connection({slug!r}, {provider!r}, team_named("North"), kind={kind!r})
connection.options, connection.secrets = {options!r}, {{name: seal(value) for name, value in {secrets!r}.items()}}
connection.save()
for slug in {agents!r}:
    AgentSetup.objects.create(connection=connection, slug=slug, options={{"webrtc": True}})
print(connection.pk)
"""


def set_up(world: World, slug: str, kind: Kind, *, options: Json, secrets: Json, agents: Sequence[str] = ()) -> None:
    """A connection as an administrator makes it. ``agents``: of ours, by slug."""
    world.tell(MAKE.format(slug=slug, provider=PROVIDERS[kind], kind=kind.value, options=options, secrets=secrets, agents=list(agents)))
