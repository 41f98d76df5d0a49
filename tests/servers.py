"""Real servers for tests, on private ports and in folders of their own: PostgreSQL, Redis, and the console itself."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import psycopg
import redis

from callcenter.cluster.machine import free_port
from callcenter.cluster.postgres import Postgres
from callcenter.cluster.program import WAIT_S, Process, Program, answers_http, end, wait_until_ready
from callcenter.cluster.redis_server import RedisServer

__all__ = ["ROOT", "WAIT_S", "Console", "end", "free_port", "running_program", "start_console", "start_postgres", "start_redis"]
ROOT = Path(__file__).resolve().parent.parent


def wait_for(program: Program, process: Process, log: Path) -> None:
    """Raises with the log when it does not come up."""
    if not wait_until_ready(program, process):
        raise RuntimeError(f"{process.args!r} did not start:\n{log.read_text()[-4000:]}")


@contextmanager
def running_program(program: Program, log: Path) -> Iterator[None]:
    """Started, ready, and stopped at the end."""
    with log.open("wb") as output:
        process = program.start(output)
    try:
        wait_for(program, process, log)
        yield
    finally:
        end(process, program.stop)


@contextmanager
def start_postgres() -> Iterator[str]:
    """A fresh PostgreSQL; yields the URL of its empty database ``callcenter``. Nothing in it survives, so nothing is flushed."""
    with TemporaryDirectory(prefix="postgres-") as name:
        server = Postgres(Path(name), free_port(), keep=False)
        server.make()
        with running_program(server.program(), Path(name) / "log"):
            server.make_database()
            yield server.url


def create_database(server_url: str, name: str, template: str = "template1") -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        words = psycopg.sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(words.format(psycopg.sql.Identifier(name), psycopg.sql.Identifier(template)))


def drop_database(server_url: str, name: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(psycopg.sql.Identifier(name)))


@contextmanager
def start_redis() -> Iterator[str]:
    """A fresh Redis that writes nothing to disk; yields its URL."""
    with TemporaryDirectory(prefix="redis-") as name:
        server = RedisServer(Path(name), free_port())
        server.make()
        with running_program(server.program(), Path(name) / "log"):
            yield server.url


@contextmanager
def frozen(redis_url: str) -> Iterator[None]:
    """It answers nothing and closes nothing, as behind a network that swallows everything."""
    with redis.Redis.from_url(redis_url) as client:
        process: Any = client.info("server")
    os.kill(process["process_id"], signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(process["process_id"], signal.SIGCONT)


class Console:
    """The product as processes of its own: a fresh database, and as many web processes as asked for.

    ``env`` is what an installation would set; every file it writes, logs too, is under ``folder``.
    """

    def __init__(self, folder: Path, env: dict[str, str], processes: int = 1) -> None:
        self.folder = folder
        self.env = {**os.environ, "PYTHONUNBUFFERED": "1", "VAR_DIR": str(folder), **env}
        self.ports = [free_port() for _ in range(processes)]
        self.logs = [folder / f"web-{number}.log" for number in range(processes)]
        self.web: list[Process | None] = [None] * processes

    @property
    def url(self) -> str:
        return self.urls[0]

    @property
    def urls(self) -> list[str]:
        return [f"http://127.0.0.1:{port}" for port in self.ports]

    @property
    def ws_url(self) -> str:
        return self.ws_urls[0]

    @property
    def ws_urls(self) -> list[str]:
        return [f"ws://127.0.0.1:{port}" for port in self.ports]

    def manage(self, *arguments: str, check: bool = True) -> str:
        """Run a management command and return what it printed; with ``check``, raise with its output when it fails."""
        done = self.run(*arguments)
        if check and done.returncode:
            raise RuntimeError(f"manage.py {' '.join(arguments)} failed ({done.returncode}):\n{done.stdout}{done.stderr}")
        return done.stdout

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a management command to its end; exit code, stdout and stderr."""
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self.env, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)

    def start(self) -> None:
        """Start the web processes that do not run, on the ports they always had."""
        for number, log in enumerate(self.logs):
            if self.web[number] is None:
                with log.open("ab") as output:
                    self.web[number] = self.program(number).start(output)
        for number, process in enumerate(self.web):
            if process is not None:
                wait_for(self.program(number), process, self.logs[number])

    def program(self, number: int) -> Program:
        """One web process."""
        command = [sys.executable, "manage.py", "serve", "--port", str(self.ports[number])]
        return Program(f"web-{number}", command, lambda: answers_http(self.urls[number]), env=self.env, folder=ROOT)

    def kill(self, number: int | None = None) -> None:
        """SIGKILL one web process, or all: no goodbye to sockets, nothing flushed."""
        self._end(signal.SIGKILL, number)

    def stop(self, number: int | None = None) -> None:
        self._end(signal.SIGTERM, number)

    def restart(self) -> None:
        """Kill what runs and start again on the same ports and the same data."""
        self.kill()
        self.start()

    def log(self) -> str:
        return "".join(log.read_text() for log in self.logs if log.exists())

    def _end(self, by: signal.Signals, number: int | None) -> None:
        for position, process in enumerate(self.web):
            if process is not None and number in (None, position):
                end(process, by)
                self.web[position] = None


@contextmanager
def start_console(
    folder: Path, static_root: Path, postgres_url: str | None, processes: int = 1, kind: type[Console] = Console
) -> Iterator[Console]:
    """A running console on a fresh database: SQLite in ``folder``, or a new database beside ``postgres_url`` and its own Redis."""
    env = {"STATIC_ROOT": str(static_root), "SECRET_KEY": uuid4().hex, "DEBUG": "0"}
    template = migrated(static_root, postgres_url)
    if postgres_url is None:
        shutil.copy(template, folder / "console.sqlite3")
        with running(kind(folder, {**env, "DATABASE_URL": f"sqlite:///{folder}/console.sqlite3", "REDIS_URL": ""}, processes)) as console:
            yield console
        return
    base, name = postgres_url.rsplit("/", 1)[0], f"console_{uuid4().hex[:12]}"
    create_database(f"{base}/postgres", name, template)
    try:
        with (
            start_redis() as redis_url,
            running(kind(folder, {**env, "DATABASE_URL": f"{base}/{name}", "REDIS_URL": redis_url}, processes)) as console,
        ):
            yield console
    finally:
        drop_database(f"{base}/postgres", name)


@cache
def migrated(static_root: Path, postgres_url: str | None) -> str:
    """What every console of this run begins with: static files, and a database in which nothing has happened, to be copied.

    Returns the file of SQLite, or the name of the database on the server.
    """
    if postgres_url is None:
        found = str(static_root.with_name("migrated.sqlite3"))
        url = f"sqlite:///{found}"
    else:
        base, found = postgres_url.rsplit("/", 1)[0], f"migrated_{uuid4().hex[:12]}"
        url = f"{base}/{found}"
        create_database(f"{base}/postgres", found)
    console = Console(static_root.parent, {"DATABASE_URL": url, "STATIC_ROOT": str(static_root), "DEBUG": "0", "SECRET_KEY": uuid4().hex})
    console.manage("migrate", "--verbosity", "0")
    console.manage("collectstatic", "--noinput", "--verbosity", "0")
    return found


@contextmanager
def running(console: Console) -> Iterator[Console]:
    try:
        console.start()
        yield console
    finally:
        console.stop()
