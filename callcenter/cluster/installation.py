"""Which programs make an installation, where their files lie, and what each is told."""

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from callcenter.cluster.crew import Crew, Say
from callcenter.cluster.machine import LOCAL, TroubleError, free_ports, refuse_taken_port
from callcenter.cluster.nginx import Nginx
from callcenter.cluster.postgres import Postgres
from callcenter.cluster.program import Program, answers_http
from callcenter.cluster.redis_server import RedisServer

ROOT = Path(__file__).resolve().parents[2]


class Installation:
    """``keep``: the data shall survive the machine's end; ``env``: settings of the console beside those that are decided here."""

    def __init__(
        self, var: Path, host: str, port: int, say: Say, *, web: int = 2, ingest: int = 2, keep: bool = True, env: Mapping[str, str]
    ) -> None:
        self.var, self.host, self.port, self.say = var.resolve(), host, port, say
        self.folder = self.var / "cluster"
        database, cache, *doors = free_ports(2 + web + ingest)
        self.postgres = Postgres(self.folder / "postgres", database, keep)
        self.redis = RedisServer(self.folder / "redis", cache)
        self.ports = dict(zip([*names("web", web), *names("ingest", ingest)], doors, strict=True))
        self.settings = {**env, "PYTHONUNBUFFERED": "1", "VAR_DIR": str(self.var), "PORT": str(port)}
        self.settings |= {"REDIS_URL": self.redis.url, "INGEST_URL": self.address("ws")}
        self.static_root = Path(self.settings.setdefault("STATIC_ROOT", str(self.var / "static")))
        self.nginx = Nginx(self.folder / "nginx", self.static_root, host, port, self._doors("web"), self._doors("ingest"))
        self.crew = Crew(say)

    def address(self, scheme: str = "http") -> str:
        """As this machine reaches it, also when listening everywhere."""
        name = {"0.0.0.0": LOCAL, "::": "[::1]"}.get(self.host, f"[{self.host}]" if ":" in self.host else self.host)  # noqa: S104
        return f"{scheme}://{name}:{self.port}"

    def start(self) -> None:
        """Return when the address answers. Raises TroubleError."""
        refuse_taken_port(self.host, self.port)
        # All three first: whatever is not installed is said before anything is made.
        servers = [self.postgres.program(), self.redis.program()]
        front = self.nginx.program(lambda: answers_http(self.address()))
        for server in (self.postgres, self.redis, self.nginx):
            server.make()
        self.crew.start(servers)
        self.postgres.make_database()
        self.settings["DATABASE_URL"] = self.postgres.url
        self.manage("migrate", "--verbosity", "0")
        self.manage("collectstatic", "--noinput", "--verbosity", "0")
        self.crew.start(self._server(name, port) for name, port in self.ports.items())
        self.crew.start([front])
        self.crew.start([self.console("runner", "run_connections")])

    def console(self, name: str, *arguments: str, **env: str) -> Program:
        """A management command that runs for ever. Secrets go by the environment: a process list shows arguments to everyone."""
        return Program(name, [sys.executable, str(ROOT / "manage.py"), *arguments], env={**self.settings, **env}, folder=ROOT)

    def manage(self, *arguments: str) -> str:
        """A management command to its end; what it printed. Raises TroubleError."""
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        done = subprocess.run(command, cwd=ROOT, env=self.settings, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        for line in done.stderr.splitlines():
            self.say(arguments[0], line)
        if done.returncode:
            raise TroubleError(f"manage.py {arguments[0]} failed (exit {done.returncode}); what it said stands above.")
        return done.stdout

    def demonstrate(self, calls: int, speed: float) -> str:
        """People who can sign in, and a simulator that calls so many times at once; returns what to tell whoever started it."""
        made: dict[str, Any] = json.loads(self.manage("demo_data", "--url", self.address()))
        if calls:
            tokens = ",".join(f"{slug}={token}" for slug, token in made["tokens"].items())
            load = ("--calls", str(calls), "--speed", str(speed), "--voice-pause", "--patience", "5")
            self.crew.start([self.console("simulator", "simulate", "--url", self.address("ws"), *load, SIMULATE_TOKENS=tokens)])
        return str(made["welcome"])

    def _server(self, name: str, port: int) -> Program:
        url = f"http://{LOCAL}:{port}"
        command = [sys.executable, str(ROOT / "manage.py"), "serve", "--host", LOCAL, "--port", str(port), "--behind-proxy"]
        return Program(name, command, lambda: answers_http(url), env=self.settings, folder=ROOT)

    def _doors(self, kind: str) -> tuple[int, ...]:
        return tuple(port for name, port in self.ports.items() if name.startswith(kind))


def names(kind: str, count: int) -> list[str]:
    return [f"{kind}-{number}" for number in range(1, count + 1)]


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Two on the same data would destroy it. Raises TroubleError."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise TroubleError(f"Another cluster runs on {folder}; stop it, or set VAR_DIR to another folder.") from error
        yield


def environment() -> dict[str, str]:
    """What our own processes inherit: without the settings of another installation's servers."""
    return {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL", "INGEST_URL", "PORT"}}
