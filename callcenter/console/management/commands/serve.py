"""``manage.py serve [--host H] [--port P] [--behind-proxy]``: Daphne with the settings that the console needs."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

MIB = 1024 * 1024
# The ingest refuses a message above 8 MiB by an answer and stays open; the server must let such a message through to it.
LARGEST_MESSAGE = 64 * MIB


def server_arguments(host: str, port: int, *, behind_proxy: bool = False) -> list[str]:
    """The command line of the server: this Python, Daphne, one TCP endpoint.

    ``behind_proxy``: people's addresses are what X-Forwarded-For says; anybody who reaches the port can then pretend one.
    """
    interface = host.replace(":", r"\:")
    return [
        *(sys.executable, "-m", "daphne"),
        # Twisted's own backlog of 50 costs a second when many browsers reconnect at once.
        *("--endpoint", f"tcp:port={port}:interface={interface}:backlog=1024"),
        # Daphne would close every socket after a day; a floor stays open for longer.
        *("--websocket_timeout", "-1"),
        *("--ping-interval", "20", "--ping-timeout", "30"),
        *("--websocket-max-message-size", str(LARGEST_MESSAGE), "--websocket-max-frame-size", str(LARGEST_MESSAGE)),
        *("--verbosity", "0"),  # no access log
        "--no-server-name",
        *(("--proxy-headers",) if behind_proxy else ()),
        "callcenter.asgi:application",
    ]


class Command(BaseCommand):
    help = "Serve pages, API and sockets. Migrate and collectstatic first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=settings.PORT, help="port to listen on (default: PORT, now %(default)s)")
        proxied = "take addresses of people from X-Forwarded-For, which a proxy in front must set itself"
        parser.add_argument("--behind-proxy", action="store_true", help=proxied)

    def handle(self, *args: Any, **options: Any) -> None:
        arguments = server_arguments(options["host"], options["port"], behind_proxy=options["behind_proxy"])
        os.chdir(settings.BASE_DIR)
        os.execv(arguments[0], arguments)  # noqa: S606  (the process becomes the server; signals reach it directly)
