"""``manage.py demo``: people, connections, the server, played providers and the runner, in one terminal until Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentTypeError, BooleanOptionalAction
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from callcenter.cluster.machine import LOCAL, TroubleError, free_ports, refuse_taken_port
from callcenter.cluster.program import leashed
from callcenter.console import demo
from callcenter.providers.simulator.commands import CONDUCTS

START_LIMIT_S = 60
STOP_LIMIT_S = 10
STOPPED_BY = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PUSHED_CALLS, DIALLED_CALLS = "7", "4"
THINGS = "4"  # so that most calls last long enough to be taken over
OTHERS = ("played providers", "simulator", "runner of connections")  # in the order in which they start
Process = subprocess.Popen[bytes]


class Command(BaseCommand):
    help = "Start a demonstration: make people and connections, serve, and let the simulator call. Ends with Ctrl-C."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        parser.add_argument("--port", type=int, default=settings.PORT, help="port to listen on (default: PORT, now %(default)s)")
        conduct = f"what the simulated providers do with commands: {', '.join(CONDUCTS)}, or several of them (default: %(default)s)"
        parser.add_argument("--conduct", default="confirm", type=conduct_of, help=conduct)
        silences = "whether a pause silences the agent in voice calls too: providers differ (default: it does)"
        parser.add_argument("--voice-pause", action=BooleanOptionalAction, default=True, help=silences)

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        try:
            refuse_taken_port(host, port)
        except TroubleError as trouble:
            raise CommandError(str(trouble)) from trouble
        password = demo.demo_password(settings.VAR_DIR / "demo.password")
        demo.make_people(password)
        tokens = demo.make_pushed()
        demo.make_canned_replies()
        for number in STOPPED_BY:
            signal.signal(number, stop_as_by_ctrl_c)
        silences = "--voice-pause" if options["voice_pause"] else "--no-voice-pause"
        conduct = ("--conduct", options["conduct"], silences, "--things", THINGS)
        web, ingest = local_url("http", host, port), local_url("ws", host, port)
        # Played providers know nothing of the calls of an earlier run: those are lost as soon as they are silent for long.
        longest = os.environ.get("VOICE_MAX_DURATION_S", "60")
        server = start("serve", "--host", host, "--port", str(port), VOICE_MAX_DURATION_S=longest)
        children = [server]
        try:
            ports = free_ports(len(demo.DIALLED))
            children.append(self.play_services(ports, conduct))
            wait_until_answering(server, web)
            # At the end the server is gone: nobody acknowledges what the simulator would wait for.
            pushed = ("--url", ingest, "--calls", PUSHED_CALLS, "--patience", "1", "--agents", ",".join(demo.PUSHED_AGENTS), *conduct)
            children.append(start("simulate", *pushed, quiet=True, SIMULATE_TOKENS=as_variable(tokens)))
            demo.make_dialled({wanted.slug: local_url("http", LOCAL, port) for wanted, port in zip(demo.DIALLED, ports, strict=True)})
            demo.name_agents()
            children.append(start("run_connections", INGEST_URL=ingest))
            self.stdout.write(welcome(web, password))
            self.watch(children)
        except KeyboardInterrupt:
            self.stdout.write("\nStopping.")
        finally:
            stop(children)

    def play_services(self, ports: list[int], conduct: tuple[str, ...]) -> Process:
        """Be the providers that the runner dials; what they would say of themselves is of no use here."""
        pinecall, sippet = map(str, ports)
        agents = ("--agents", ",".join(demo.DIALLED[0].agents))
        return start("simulate", "--as-pinecall", pinecall, "--as-sippet", sippet, "--calls", DIALLED_CALLS, *agents, *conduct, quiet=True)

    def watch(self, children: list[Process]) -> None:
        """Return never; raise CommandError when the server ends. The floor stays open without the others."""
        server, others = children[0], dict(zip(OTHERS, children[1:], strict=True))
        while server.poll() is None:
            for name in [name for name, process in others.items() if process.poll() is not None]:
                self.stderr.write(f"The {name} ended (exit {others.pop(name).returncode}); the console goes on without it.")
            time.sleep(0.3)
        raise CommandError(f"The server ended (exit {server.returncode}); what it said stands above.")


def conduct_of(text: str) -> str:
    """Refused here: the simulator would end, and the floor stay empty."""
    wanted = [word.strip() for word in text.split(",")]
    if not set(wanted) <= set(CONDUCTS):
        raise ArgumentTypeError(f"{text!r} is not one of {', '.join(CONDUCTS)}")
    return ",".join(wanted)


def start(*arguments: str, quiet: bool = False, **environment: str) -> Process:
    """Run a management command as a child. Tokens go by the environment: a process list shows arguments to everyone."""
    command = [*leashed(signal.SIGTERM), sys.executable, str(settings.BASE_DIR / "manage.py"), *arguments]
    # A session of its own keeps the terminal's Ctrl-C from the child, so that both are stopped in order.
    heard = subprocess.DEVNULL if quiet else None
    own = {**os.environ, **environment}
    return subprocess.Popen(command, env=own, start_new_session=True, stdin=subprocess.DEVNULL, stdout=heard)


def stop(children: list[Process]) -> None:
    """End the children, last started first; who does not listen within STOP_LIMIT_S is killed. A second signal changes nothing."""
    for number in STOPPED_BY:
        signal.signal(number, signal.SIG_IGN)
    for child in reversed(children):
        child.terminate()
    for child in reversed(children):
        try:
            child.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def stop_as_by_ctrl_c(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def wait_until_answering(server: Process, url: str) -> None:
    """Return when the server answers anything at all."""
    deadline = time.monotonic() + START_LIMIT_S
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise CommandError(f"The server did not start (exit {server.returncode}); what it said stands above.")
        try:
            urlopen(f"{url}/healthz", timeout=5).close()  # noqa: S310  (an http address of our own)
        except HTTPError:
            return
        except (URLError, OSError):
            time.sleep(0.2)
        else:
            return
    raise CommandError(f"The server did not answer at {url} within {START_LIMIT_S} seconds.")


def local_url(scheme: str, host: str, port: int) -> str:
    """The address as this machine reaches it, also when listening everywhere."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"{scheme}://{name}:{port}"


def as_variable(tokens: dict[str, str]) -> str:
    return ",".join(f"{slug}={token}" for slug, token in tokens.items())


def welcome(url: str, password: str) -> str:
    rows = [("name", "role", "password"), *((person.name, person.role.value, password) for person in demo.PEOPLE)]
    table = "\n".join(f"  {name:<8} {role:<12} {secret}" for name, role, secret in rows)
    return f"\n{table}\n\nThe console is at {url}/ and its administration at {url}/admin/ (stop with Ctrl-C).\n"
