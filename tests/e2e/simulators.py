"""Simulators as processes, both providers at once, and what they were told held against the journal."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.outside import House, Json, Line, until
from tests.servers import ROOT, Console

FAULTS = ("--duplicates", "0.05", "--reorder", "300", "--drops", "4", "--malformed", "0.01", "--silence", "0.03", "--patience", "60")
CALLS = 200


@contextmanager
def simulators(house: House, folder: Path, seconds: int, calls: int = CALLS, how: Iterable[str] = FAULTS) -> Iterator[list["Simulator"]]:
    """Both providers at once (0 seconds: until they are told to stop), each through a web process of its own where there are two; together so many calls."""
    urls = house.console.ws_urls
    running = [
        Simulator(house.console, line, url, folder, seconds, calls // 2, how)
        for line, url in zip((house.pinecall, house.sippet), (urls[0], urls[-1]), strict=True)
    ]
    try:
        yield running
    finally:
        for simulator in running:
            simulator.process.kill()
            simulator.process.wait()


class Simulator:
    """``manage.py simulate`` for one connection."""

    def __init__(self, console: Console, line: Line, url: str, folder: Path, seconds: int, calls: int, how: Iterable[str]) -> None:
        provider = line.slug.partition("-")[0]
        self.record, self.said, self.complaints = folder / f"{provider}.ndjson", folder / f"{provider}.out", folder / f"{provider}.err"
        tokens = folder / f"{provider}.tokens"
        tokens.write_text(f"{line.slug}={line.token}\n")
        options = ("--calls", calls, "--rate", 40, "--duration", seconds, "--seed", "faults", "--record", self.record)
        command = [
            sys.executable,
            "manage.py",
            "simulate",
            "--url",
            url,
            "--providers",
            provider,
            "--token-file",
            tokens,
            *options,
            *how,
        ]
        with self.said.open("wb") as said, self.complaints.open("wb") as complaints:
            self.process = subprocess.Popen([str(part) for part in command], cwd=ROOT, env=console.env, stdout=said, stderr=complaints)

    def acknowledged(self) -> int:
        """Bytes of the record so far."""
        return self.record.stat().st_size if self.record.exists() else 0

    def wait_for_more(self) -> None:
        """Until the console has acknowledged some hundreds of frames from now on."""
        far = self.acknowledged() + 100_000
        until(lambda: self.acknowledged() >= far, "acknowledged frames")

    def summary(self) -> Json:
        """What it tells at its end; it must end well."""
        assert self.process.wait(300) == 0, self.complaints.read_text()
        found: Json = json.loads(self.said.read_text().splitlines()[-1])
        return found


def check_against_the_journal(house: House, simulator: Simulator, summary: Json) -> None:
    """Everything acknowledged is in the journal, once; everything sent was acknowledged in the end."""
    assert summary["durable_acknowledged"] == summary["durable_sent"] > 0
    code = f"import json; from tests.e2e.acknowledged import report; print(json.dumps(report({str(simulator.record)!r})))"
    found = json.loads(house.console.manage("shell", "--no-imports", "-c", code).splitlines()[-1])
    assert (found["lost"], found["doubled"]) == (0, 0), found["examples"]
    assert found["durable"] > 200
