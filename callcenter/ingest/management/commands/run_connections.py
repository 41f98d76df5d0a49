"""``manage.py run_connections``: keep the connections that we open alive, until it is told to stop."""

import asyncio
import signal
from typing import Any

from django.core.management.base import BaseCommand

from callcenter.ingest.runner.runner import Runner


class Command(BaseCommand):
    help = "Open the connections to providers, relay their frames and commands. A second one waits until the first ends."

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(self._run())

    async def _run(self) -> None:
        task = asyncio.create_task(Runner(self._say).run())
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        await asyncio.gather(task, return_exceptions=True)
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error

    def _say(self, words: str) -> None:
        self.stdout.write(words)
        self.stdout.flush()
