"""Real servers for tests, on private ports and in folders of their own: PostgreSQL, Redis, and the console itself."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import HTTPError, URLError
from urllib.request import urlopen
from uuid import uuid4

import psycopg
import redis

ROOT = Path(__file__).resolve().parent.parent
WAIT_S = 60  # generous: the machine may be busy
Process = subprocess.Popen[bytes]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(answers: Callable[[], bool], process: Process, log: Path) -> None:
    """Return when ``answers`` is true; raise with the log when the process ends or WAIT_S pass first."""
    deadline = time.monotonic() + WAIT_S
    while not answers():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} did not start:\n{log.read_text()[-4000:]}")
        time.sleep(0.05)


def end(process: Process, number: signal.Signals) -> None:
    """Stop a process by a signal; kill it when it does not listen."""
    if process.poll() is None:
        process.send_signal(number)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def postgres_program(name: str) -> str:
    """Debian keeps the server's programs off the PATH, one folder per version."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name.split(".")[0]))
    found = shutil.which(name) or (str(folders[-1] / name) if folders else None)
    if found is None:
        raise RuntimeError(f"{name} is not installed; make test says how to install it.")
    return found


def unprivileged() -> str | None:
    """Whom PostgreSQL runs as: it refuses to run as root."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@contextmanager
def start_postgres() -> Iterator[str]:
    """A fresh PostgreSQL; yields the URL of its empty database ``callcenter``. Nothing in it survives, so nothing is flushed."""
    user = unprivileged()
    with TemporaryDirectory(prefix="postgres-") as name:
        folder, port = Path(name), free_port()
        log = folder / "log"
        log.touch()
        if user:
            for path in (folder, log):
                shutil.chown(path, user)
        make = [postgres_program("initdb"), "-D", f"{name}/data", "-U", "callcenter", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"]
        subprocess.run(make, check=True, user=user, cwd=name, stdout=subprocess.DEVNULL)
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": name,
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "max_connections": "200",
        }
        serve = [postgres_program("postgres"), "-D", f"{name}/data", *(f"--{key}={value}" for key, value in options.items())]
        with log.open("wb") as output:
            process = subprocess.Popen(serve, user=user, cwd=name, stdout=output, stderr=output, start_new_session=True)
        base = f"postgres://callcenter@127.0.0.1:{port}"

        def answers() -> bool:
            with suppress(psycopg.OperationalError), psycopg.connect(f"{base}/postgres", connect_timeout=5):
                return True
            return False

        try:
            wait_for(answers, process, log)
            create_database(f"{base}/postgres", "callcenter")
            yield f"{base}/callcenter"
        finally:
            end(process, signal.SIGINT)


def create_database(server_url: str, name: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))


def drop_database(server_url: str, name: str) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(psycopg.sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(psycopg.sql.Identifier(name)))


@contextmanager
def start_redis() -> Iterator[str]:
    """A fresh Redis that writes nothing to disk; yields its URL."""
    with TemporaryDirectory(prefix="redis-") as name:
        log, port = Path(name) / "log", free_port()
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", name]
        with log.open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)
        url = f"redis://127.0.0.1:{port}/0"

        def answers() -> bool:
            with suppress(redis.ConnectionError), redis.Redis.from_url(url) as client:
                return bool(client.ping())
            return False

        try:
            wait_for(answers, process, log)
            yield url
        finally:
            end(process, signal.SIGTERM)


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
        for number, port in enumerate(self.ports):
            if self.web[number] is None:
                command = [sys.executable, "manage.py", "serve", "--port", str(port)]
                with self.logs[number].open("ab") as log:
                    self.web[number] = subprocess.Popen(
                        command, cwd=ROOT, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
                    )
        for number, process in enumerate(self.web):
            if process is not None:
                wait_for(lambda number=number: answers_http(self.urls[number]), process, self.logs[number])  # type: ignore[misc]

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


def answers_http(url: str) -> bool:
    """Whether a server gives any answer, an error too."""
    try:
        urlopen(f"{url}/healthz", timeout=10).close()
    except HTTPError:
        return True
    except (URLError, OSError):
        return False
    return True


@contextmanager
def start_console(folder: Path, static_root: Path, postgres_url: str | None, processes: int = 1) -> Iterator[Console]:
    """A running console on a fresh database: SQLite in ``folder``, or a new database beside ``postgres_url`` and its own Redis."""
    env = {"STATIC_ROOT": str(static_root), "SECRET_KEY": uuid4().hex, "DEBUG": "0"}
    if postgres_url is None:
        with running(
            Console(folder, {**env, "DATABASE_URL": f"sqlite:///{folder}/console.sqlite3", "REDIS_URL": ""}, processes)
        ) as console:
            yield console
        return
    base, name = postgres_url.rsplit("/", 1)[0], f"console_{uuid4().hex[:12]}"
    create_database(f"{base}/postgres", name)
    try:
        with (
            start_redis() as redis_url,
            running(Console(folder, {**env, "DATABASE_URL": f"{base}/{name}", "REDIS_URL": redis_url}, processes)) as console,
        ):
            yield console
    finally:
        drop_database(f"{base}/postgres", name)


@contextmanager
def running(console: Console) -> Iterator[Console]:
    try:
        console.manage("migrate", "--verbosity", "0")
        console.manage("collectstatic", "--noinput", "--verbosity", "0")
        console.start()
        yield console
    finally:
        console.stop()
