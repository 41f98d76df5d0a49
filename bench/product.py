"""The product as processes of its own on a fresh database, with people and a connection: what the benchmarks measure."""

import http.cookiejar
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from bench import gauge
from bench.neighbour import neighbour
from callcenter.cluster.program import Program
from tests.servers import Console, start_console, start_postgres
from tests.test_uvicorn import documented

PASSWORD = "a long password for benchmarks"  # noqa: S105  (of a database that lives for one run)
SLUG = "load"
TEAM = "North"


@dataclass(slots=True)
class Product:
    """A running console; ``cookies`` by the name of who signed in; ``door``: the process that is spoken to."""

    console: Console
    token: str
    cookies: dict[str, str]
    door: int = 0

    @property
    def port(self) -> int:
        return self.console.ports[self.door]

    def through(self, door: int) -> "Product":
        """The same, spoken to through another process."""
        return replace(self, door=door)

    @property
    def pid(self) -> int:
        return self.pid_of(0)

    def pid_of(self, number: int) -> int:
        process = self.console.web[number]
        assert isinstance(process, subprocess.Popen)
        return process.pid

    def page(self, who: str, path: str = "/") -> str:
        request = Request(f"{self.console.url}{path}", headers={"Cookie": self.cookies[who]})
        with build_opener().open(request, timeout=60) as answer:
            return str(answer.read().decode())


class UnderUvicorn(Console):
    """The same application under uvicorn, as the README starts it."""

    def program(self, number: int) -> Program:
        command = [sys.executable, "-m", "uvicorn", *documented(), "--port", str(self.ports[number])]
        return replace(super().program(number), command=command)


@contextmanager
def product(
    backend: str = "sqlite", processes: int = 1, core: str = "first", priority: int = 0, server: str = "daphne", taken: float = 0.0
) -> Iterator[Product]:
    """Start it, pinned to one core, of which a neighbour may take a share; everything it wrote goes with it."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="bench-")))
        (folder / "static").mkdir()
        postgres = stack.enter_context(start_postgres()) if backend == "servers" else None
        kind = UnderUvicorn if server == "uvicorn" else Console
        console = stack.enter_context(start_console(folder, folder / "static", postgres, processes, kind))
        token = console.manage("add_connection", SLUG, "--provider", "pinecall", "--team", TEAM).split()[-1]
        for name, role in (("sofia", "supervisor"), ("oskar", "operator"), ("admin", "admin")):
            console.manage("add_operator", name, "--role", role, "--team", TEAM, "--password", PASSWORD)
        ready = Product(console, token, {name: sign_in(console.url, name) for name in ("sofia", "oskar", "admin")})
        for number in range(processes):
            gauge.prefer(ready.pid_of(number), priority)
            if not core:
                gauge.unpin(ready.pid_of(number))  # it inherited where the generator may run
            for task in Path(f"/proc/{ready.pid_of(number)}/task").iterdir():
                gauge.pin(core, int(task.name))
        stack.enter_context(neighbour(core, taken, priority))
        yield ready


def sign_in(url: str, name: str) -> str:
    """Through the sign-in page, as a person does; returns the Cookie header."""
    jar = http.cookiejar.CookieJar()
    browser = build_opener(HTTPCookieProcessor(jar))
    page = browser.open(f"{url}/login/", timeout=30).read().decode()
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if found is None:
        raise RuntimeError("The sign-in page has no form.")
    body = urlencode({"username": name, "password": PASSWORD, "csrfmiddlewaretoken": found[1]}).encode()
    browser.open(Request(f"{url}/login/", body, {"Referer": f"{url}/login/"}), timeout=30).close()
    cookies = {cookie.name: cookie.value for cookie in jar}
    if "sessionid" not in cookies:
        raise RuntimeError(f"{name} could not sign in.")
    return "; ".join(f"{key}={value}" for key, value in cookies.items())
