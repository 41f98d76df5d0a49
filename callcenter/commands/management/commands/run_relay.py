"""``manage.py run_relay``: expire, time out and reconcile commands. The server does it too; several at once are safe."""

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, close_old_connections
from django.utils import timezone

from callcenter.commands.relay import tick


class Command(BaseCommand):
    help = "Expire, time out and reconcile commands until it is told to stop. Several may run at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--interval", type=float, default=1.0, help="seconds between two looks (default: %(default)s)")
        parser.add_argument("--once", action="store_true", help="look once and stop")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while True:
            close_old_connections()
            try:
                tick(timezone.now())
            except Error as error:
                self.stderr.write(f"The database did not answer: {error}")
            if options["once"] or stop.wait(options["interval"]):
                return
