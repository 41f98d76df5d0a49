"""The whole installation as one console for tests: nginx in front, and every process can be killed by its name."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from callcenter.cluster.installation import Installation, environment
from callcenter.cluster.machine import LOCAL, free_port
from callcenter.cluster.program import answers_http
from tests.e2e.outside import House, move_in, until
from tests.servers import Console

LOOK_S = 0.1
ESTABLISHED = "01"


class Town(Console):
    """A cluster on a fresh database. Who is killed is started again, as ``make cluster`` does, unless it is held."""

    def __init__(self, folder: Path, static_root: Path) -> None:
        settings = {**environment(), "STATIC_ROOT": str(static_root), "DEBUG": "0"}
        self.installation = Installation(folder, LOCAL, free_port(), self._hear, keep=False, env=settings)
        self.crew = self.installation.crew
        self.said: list[str] = []
        self.ending = threading.Event()
        self.tending = threading.Thread(target=self._tend)
        super().__init__(folder, self.installation.settings, 0)

    @property
    def urls(self) -> list[str]:
        return [self.installation.address()]

    @property
    def ws_urls(self) -> list[str]:
        return [self.installation.address("ws")]

    def start(self) -> None:
        self.installation.start()
        self.env = {**self.installation.settings}
        self.tending.start()

    def stop(self, number: int | None = None) -> None:
        """All of it."""
        assert number is None
        self.ending.set()
        if self.tending.is_alive():
            self.tending.join()
        self.crew.stop()

    def log(self) -> str:
        return "\n".join(self.said)

    def open_lines(self, name: str) -> int:
        """How many connections of nginx one process has now."""
        port = self.installation.ports[name]
        rows = [row.split() for row in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        return sum(row[1].endswith(f":{port:04X}") and row[3] == ESTABLISHED for row in rows)

    def back(self, name: str) -> None:
        """Returns when a process that was killed answers again."""
        until(lambda: answers_http(f"http://{LOCAL}:{self.installation.ports[name]}"), f"{name} is back")

    def _hear(self, name: str, line: str) -> None:
        self.said.append(f"{name} | {line}")

    def _tend(self) -> None:
        while not self.ending.wait(LOOK_S):
            self.crew.tend()


@contextmanager
def built(static_root: Path) -> Iterator[House]:
    """A town with people in it. PostgreSQL must reach its folder, whoever it runs as."""
    with TemporaryDirectory(prefix="cluster-") as name:
        Path(name).chmod(0o755)
        town = Town(Path(name), static_root)
        try:
            town.start()
            yield move_in(town)
        finally:
            town.stop()
