"""A customer's Node process with an agent and the bridge, and the line between it and the console, which can be cut."""

import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.e2e.outside import Json, until

SCRIPT = Path(__file__).parents[1] / "fakes" / "pinecall_process.mjs"
TOKEN = "pinecall-token"
RETRY = {"first": 20, "longest": 200}


def node() -> str:
    """The program Node.js."""
    found = shutil.which("node") or shutil.which("nodejs")
    if found is None:
        raise RuntimeError("Node.js is not installed; make test says how to install it.")
    return found


class Customer:
    """Does what it is told, and remembers what its process said."""

    def __init__(self, url: str, **options: Any) -> None:
        start = {"options": {"url": url, "retry": RETRY, **options}}
        self.process = subprocess.Popen(
            [node(), str(SCRIPT), json.dumps(start)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "CONSOLE_TOKEN": TOKEN},
        )
        self.said: list[Json] = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(json.loads(line))

    def do(self, what: str, **order: Any) -> Json:
        """Let it do this, and return what it said then."""
        before = len(self.of("did"))
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"do": what, **order}) + "\n")
        self.process.stdin.flush()
        until(lambda: len(self.of("did")) > before or self.process.poll() is not None, what)
        assert self.process.poll() is None, "the process of the customer ended"
        return self.of("did")[before]

    def of(self, kind: str) -> list[Json]:
        return [line for line in list(self.said) if kind in line]

    @property
    def commands(self) -> list[Json]:
        """What was handed to the agent until now."""
        self.do("nothing")
        return [line["sent"] for line in self.of("sent")]

    @property
    def warnings(self) -> str:
        return "\n".join(line["warned"] for line in self.of("warned"))

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.reader.join()


@contextmanager
def customer(url: str, **options: Any) -> Iterator[Customer]:
    started = Customer(url, **options)
    try:
        yield started
    finally:
        started.end()


class Cable:
    """Passes bytes on to the console until it is cut; while it is out nobody comes through."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self.target = (parts.hostname or "", parts.port or 80)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.pairs: list[socket.socket] = []
        self.out = False
        self.opened = self.turned_away = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/ingest/pinecall-north/"

    def cut(self) -> None:
        """Everything that is open ends without a goodbye."""
        pairs, self.pairs = self.pairs, []
        for end in pairs:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def take_out(self) -> None:
        self.out = True
        self.cut()

    def put_in(self) -> None:
        self.out = False

    def close(self) -> None:
        self.listener.close()
        self.cut()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                if self.out:
                    raise ConnectionRefusedError
                far = socket.create_connection(self.target, timeout=10)
            except OSError:
                near.close()
                self.turned_away += 1
                continue
            far.settimeout(None)
            self.pairs += [near, far]
            self.opened += 1
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    @staticmethod
    def _pass(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
