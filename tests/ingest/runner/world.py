"""The runner as a process, a scripted provider that it dials, and a console to which it relays."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import Server, ServerConnection, serve

from tests.e2e.outside import until
from tests.ingest.runner.scripted import items
from tests.servers import ROOT, Console, end

Json = dict[str, Any]
KEY = "pk_the-key-of-the-scripted-provider"

MAKE = """
from callcenter.journal.connections import add_connection
from callcenter.journal.outbound.vault import seal
from callcenter.operators.people import team_named
connection, _ = add_connection({slug!r}, "pinecall", team_named("North"), kind="pinecall-direct")
connection.options, connection.secrets = {options!r}, {{"api_key": seal({key!r})}}
connection.save()
print(connection.pk)
"""

ASK = """
from django.db import transaction
from django.utils import timezone
from callcenter.calls.models import Call
from callcenter.commands.outbox import Target, enqueue
from callcenter.domain.commands.order import Order, Verb
with transaction.atomic():  # the call first, as the desk does it
    call = Call.objects.select_for_update().filter(connection__slug={slug!r}).latest("pk")
    order = Order(verb=Verb.DTMF, agent=call.agent.slug, call=call.call_uuid, digits={digits!r})
    command, _ = enqueue(order, Target(call.connection, call.agent, call=call), now=timezone.now(), expires_s=60)
print(command.pk)
"""


class Provider:
    """Numbers its frames, keeps all of them, and replays from what the client asks for. ``taken``: commands as they came."""

    def __init__(self) -> None:
        self.frames: list[Json] = []
        self.taken: list[Json] = []
        self.changed = threading.Condition()
        self.sockets: set[ServerConnection] = set()
        self.keys: set[str] = set()
        self.server: Server = serve(self._serve, "127.0.0.1", 0, compression=None)
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.server.socket.getsockname()[1]}"

    def say(self, *frames: Json) -> None:
        with self.changed:
            self.frames += frames
            self.changed.notify_all()

    def cut(self) -> None:
        """Every line, without a word."""
        for socket in list(self.sockets):
            with suppress(OSError):
                socket.socket.shutdown(2)

    def close(self) -> None:
        self.server.shutdown()
        self.cut()
        with self.changed:
            self.changed.notify_all()
        self.thread.join()

    def _serve(self, socket: ServerConnection) -> None:
        self.sockets.add(socket)
        self.keys.add(str(socket.request.headers.get("X-Key")) if socket.request else "")
        reader = threading.Thread(target=self._read, args=[socket], daemon=True)
        with suppress(ConnectionClosed):
            sent = int(orjson.loads(socket.recv(timeout=30))["after"])
            reader.start()
            while socket in self.sockets:
                with self.changed:
                    if len(self.frames) == sent:
                        self.changed.wait(0.5)
                    batch = self.frames[sent : sent + 200]
                if batch:
                    socket.send(items(batch, sent + 1))
                    sent += len(batch)
        self.sockets.discard(socket)

    def _read(self, socket: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            for message in socket:
                self.taken.append(orjson.loads(message))
        self.sockets.discard(socket)
        with self.changed:
            self.changed.notify_all()


class Runner:
    """``manage.py run_connections`` with the scripted client (or without: ``SCRIPTED="0"``), as often as it is started."""

    def __init__(self, console: Console, **env: str) -> None:
        self.console, self.log = console, console.folder / f"runner-{time.monotonic_ns()}.log"
        self.turns_file = self.log.with_suffix(".turns")
        self.env = {**console.env, "INGEST_URL": console.ws_url, "TURNS": str(self.turns_file), "SCRIPTED": "1", **env}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.ingest.runner.launch", "run_connections"]
        self.turns_file.write_bytes(bytes(8))
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def freeze(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        if self.process is not None:
            self.thaw()
            end(self.process, signal.SIGTERM)

    def cpu_s(self) -> float:
        """Seconds of processor time so far."""
        assert self.process is not None
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def turns(self) -> int:
        """Of its event loop so far."""
        return int.from_bytes(self.turns_file.read_bytes(), sys.byteorder)

    def memory_mb(self, name: str = "VmHWM") -> float:
        """The largest it ever was; ``VmRSS``: what it is now."""
        assert self.process is not None
        found = next(line for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines() if line.startswith(name))
        return int(found.split()[1]) / 1024

    def said(self) -> str:
        return self.log.read_text()


class World:
    def __init__(self, console: Console) -> None:
        self.console = console
        self.provider = Provider()
        self.runners: list[Runner] = []
        self.teller = subprocess.Popen(
            [sys.executable, "-m", "tests.ingest.runner.teller"],
            cwd=ROOT, env=console.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.asking = threading.Lock()

    def connection(self, slug: str, **options: Any) -> int:
        script = MAKE.format(slug=slug, options={"url": self.provider.url, **options}, key=KEY)
        return int(self.tell(script))

    def tell(self, script: str) -> str:
        """The last line that a script on the console's database prints."""
        assert self.teller.stdin is not None
        assert self.teller.stdout is not None
        with self.asking:
            self.teller.stdin.write(json.dumps(script) + "\n")
            self.teller.stdin.flush()
            printed: str = json.loads(self.teller.stdout.readline())
        lines = printed.splitlines()
        assert lines[-1] != "failed", printed
        return lines[-1]

    def change(self, slug: str, **values: Any) -> None:
        script = f"from callcenter.journal.models import Connection as C; c = C.objects.get(slug={slug!r}); "
        self.tell(script + f"C.objects.filter(pk=c.pk).update(setup=c.setup + 1, **{values!r}); print('done')")

    def runner(self, **env: str) -> Runner:
        runner = Runner(self.console, **env)
        self.runners.append(runner)
        runner.start()
        return runner

    def health(self, slug: str) -> Json:
        script = (
            "import json; from callcenter.journal.models import ConnectionHealth as H\n"
            f"print(json.dumps(H.objects.filter(connection__slug={slug!r}).values().first(), default=str))"
        )
        found: Json | None = json.loads(self.tell(script))
        return found or {"line": "", "words": "", "relay": "", "spooled": 0}

    def until_health(self, slug: str, wanted: Callable[[Json], bool], what: str) -> Json:
        def ready() -> Json | None:
            health = self.health(slug)
            return health if wanted(health) else None

        return until(ready, what)

    def journal(self, slug: str) -> Counter[str]:
        """How often each frame is in the journal, by its mark."""
        script = (
            "import json; from callcenter.journal.models import Entry as E\n"
            f"rows = E.objects.filter(connection__slug={slug!r}, origin='provider').order_by('id').values_list('frame', flat=True)\n"
            "print(json.dumps([json.loads(row).get('mark') for row in rows]))"
        )
        return Counter(json.loads(self.tell(script)))

    def ask(self, slug: str, digits: str) -> str:
        """An operator asks for tones in the newest call; the command's id."""
        return self.tell(ASK.format(slug=slug, digits=digits))

    def turns_in_beats(self, runner: Runner, beats: int) -> int:
        """How often the runner's loop turned while it renewed its lease so many times: what spins turns thousands of times."""
        script = "from callcenter.journal.models import RunnerLease as L; print(L.objects.get().beat)"
        turns, beat = runner.turns(), int(self.tell(script))
        until(lambda: int(self.tell(script)) >= beat + beats, "the lease is renewed")
        return runner.turns() - turns

    def command(self, pk: str) -> tuple[str, str]:
        """State and error."""
        state, error = json.loads(
            self.tell(
                f"import json; from callcenter.commands.models import Command as C; c = C.objects.get(pk={pk!r}); print(json.dumps([c.state, c.error]))"
            )
        )
        return state, error

    def close(self) -> None:
        for runner in self.runners:
            runner.stop()
        self.provider.close()
        self.teller.kill()
        self.teller.communicate()


@contextmanager
def world_of(console: Console) -> Iterator[World]:
    made = World(console)
    try:
        yield made
    finally:
        made.close()
