"""The PostgreSQL of a cluster: its files are made whole, or made again."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from callcenter.cluster.machine import free_port
from callcenter.cluster.postgres import Postgres
from callcenter.cluster.program import end, wait_until_ready
from tests.e2e.outside import until
from tests.servers import ROOT, WAIT_S

TRIES = 5
MAKE = """
import signal
import sys
from pathlib import Path
from callcenter.cluster.postgres import Postgres
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what it starts in the background ignore it
Postgres(Path(sys.argv[1]), 1).make()
"""


def test_files_whose_making_was_interrupted_are_made_again() -> None:
    with TemporaryDirectory(prefix="cluster-") as name:
        Path(name).chmod(0o755)
        folder = Path(name) / "postgres"
        making = subprocess.Popen([sys.executable, "-c", MAKE, str(folder)], cwd=ROOT, start_new_session=True)
        until(lambda: list(folder.glob("*/PG_VERSION")), "it has begun")
        os.killpg(making.pid, signal.SIGKILL)
        making.wait()
        postgres = Postgres(folder, free_port(), keep=False)
        postgres.make()
        program = postgres.program()
        process = program.start(subprocess.DEVNULL)
        try:
            assert wait_until_ready(program, process)
        finally:
            end(process, program.stop)


def test_whoever_is_interrupted_while_the_files_are_made_leaves_nobody_at_work_and_no_files() -> None:
    """On a busy machine the interruption may come when initdb is done: then once more."""
    for _ in range(TRIES):
        with TemporaryDirectory(prefix="cluster-") as name:
            Path(name).chmod(0o755)
            folder = Path(name) / "postgres"
            making = subprocess.Popen([sys.executable, "-c", MAKE, str(folder)], cwd=ROOT, stderr=subprocess.DEVNULL)
            until(lambda folder=folder: list(folder.glob("*/PG_VERSION")), "it has begun")  # type: ignore[misc]
            seen = at_work_in(folder)
            making.send_signal(signal.SIGINT)
            was_interrupted = making.wait(WAIT_S) != 0
            assert at_work_in(folder) == []
            left = list(folder.glob("data*"))
            assert left == [folder / "data"] or (was_interrupted and not left)
            if seen and not left:
                return
    raise AssertionError(f"never interrupted in {TRIES} tries")


def at_work_in(folder: Path) -> list[Path]:
    """The processes whose current folder is there."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink().is_relative_to(folder):
                found.append(process)
    return found
