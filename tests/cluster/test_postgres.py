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

MAKE = """
import sys
from pathlib import Path
from callcenter.cluster.postgres import Postgres
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
    with TemporaryDirectory(prefix="cluster-") as name:
        Path(name).chmod(0o755)
        folder = Path(name) / "postgres"
        making = subprocess.Popen([sys.executable, "-c", MAKE, str(folder)], cwd=ROOT, stderr=subprocess.DEVNULL)
        until(lambda: list(folder.glob("*/PG_VERSION")), "it has begun")
        assert at_work_in(folder)
        making.send_signal(signal.SIGINT)
        assert making.wait(WAIT_S)
        assert at_work_in(folder) == []
        assert list(folder.glob("data*")) == []


def at_work_in(folder: Path) -> list[Path]:
    """The processes whose current folder is there."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (process / "cwd").readlink().is_relative_to(folder):
                found.append(process)
    return found
