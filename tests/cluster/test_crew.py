"""Programs that run together: each comes back by itself, and none takes the others with it."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from callcenter.cluster import crew as crew_module
from callcenter.cluster.crew import Crew
from callcenter.cluster.program import Program
from tests.e2e.outside import until


def test_a_program_that_is_not_there_for_a_while_stops_none_of_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew_module, "LONGEST_WAIT_S", 0.1)
    said: list[str] = []
    crew = Crew(lambda _name, line: said.append(line))
    python = tmp_path / "python"
    python.symlink_to(sys.executable)
    sleeping = ["-c", "import time; time.sleep(600)"]
    crew.start([Program("one", [str(python), *sleeping]), Program("other", [sys.executable, *sleeping])])
    try:
        other = crew.pid("other")
        python.unlink()
        crew.kill("one")

        def tended(seen: Callable[[], bool]) -> bool:
            crew.tend()
            return seen()

        words = "No such file or directory"  # says who was to start it: Python, or the leash before it
        until(lambda: tended(lambda: any(words in line for line in said)), "it is said")
        python.symlink_to(sys.executable)
        until(lambda: tended(lambda: crew.members["one"].process.poll() is None), "it is back")
        assert crew.pid("other") == other
        assert crew.members["other"].process.poll() is None
    finally:
        crew.stop()
