"""Two hundred simulated calls with every fault on: the journal holds all that was acknowledged, and the rows are what it says."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.e2e.outside import House, Json, Line, until
from tests.servers import ROOT, Console

FAULTS = ("--duplicates", "0.05", "--reorder", "300", "--drops", "4", "--malformed", "0.01", "--silence", "0.03", "--patience", "60")
CALLS = 200
NewHouse = Callable[[], AbstractContextManager[House]]


@contextmanager
def simulators(house: House, folder: Path, seconds: int) -> Iterator[list["Simulator"]]:
    """Both providers at once (0 seconds: until they are told to stop), each through a web process of its own where there are two; together so many calls."""
    urls = house.console.ws_urls
    running = [
        Simulator(house.console, line, url, folder, seconds)
        for line, url in zip((house.pinecall, house.sippet), (urls[0], urls[-1]), strict=True)
    ]
    try:
        yield running
    finally:
        for simulator in running:
            simulator.process.kill()
            simulator.process.wait()


class Simulator:
    """``manage.py simulate`` for one connection, with half of the calls."""

    def __init__(self, console: Console, line: Line, url: str, folder: Path, seconds: int) -> None:
        provider = line.slug.partition("-")[0]
        self.record, self.said, self.complaints = folder / f"{provider}.ndjson", folder / f"{provider}.out", folder / f"{provider}.err"
        tokens = folder / f"{provider}.tokens"
        tokens.write_text(f"{line.slug}={line.token}\n")
        options = ("--calls", CALLS // 2, "--rate", 40, "--duration", seconds, "--seed", "faults", "--record", self.record)
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
            *FAULTS,
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


def check_calls(house: House, summaries: list[Json]) -> None:
    """Each simulated call is told by the API, and the rows are what the journal says."""
    calls = house.api.calls()
    assert len({call["call_uuid"] for call in calls}) == len(calls) >= CALLS
    assert {call["connection"] for call in calls} == {house.pinecall.slug, house.sippet.slug}
    assert {call["status"] for call in calls} >= {"answered", "completed"}
    assert house.check().strip() == "clean"


def test_with_every_fault_on_nothing_acknowledged_is_lost_and_nothing_is_doubled(new_house: NewHouse, tmp_path: Path):
    with new_house() as house:
        with simulators(house, tmp_path, seconds=20) as running:
            summaries = [simulator.summary() for simulator in running]
        assert all(summary["envelopes_resent"] for summary in summaries), "no line was ever cut"
        assert all(summary["duplicates"] for summary in summaries), "nothing was ever sent twice"
        assert all(summary["rejected"] for summary in summaries), "nothing was ever malformed"
        for simulator, summary in zip(running, summaries, strict=True):
            check_against_the_journal(house, simulator, summary)
        check_calls(house, summaries)


def test_killed_in_the_middle_and_restarted_it_has_lost_nothing_either(new_house: NewHouse, tmp_path: Path):
    with new_house() as house:
        with simulators(house, tmp_path, seconds=0) as running:
            for simulator in running:
                simulator.wait_for_more()
                house.console.restart()
            for simulator in running:
                simulator.wait_for_more()
                simulator.process.terminate()
            summaries = [simulator.summary() for simulator in running]
        for simulator, summary in zip(running, summaries, strict=True):
            check_against_the_journal(house, simulator, summary)
        check_calls(house, summaries)
