"""The PostgreSQL of a cluster: its files are made whole, or made again."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from callcenter.cluster.machine import free_port
from callcenter.cluster.postgres import Postgres
from callcenter.cluster.program import end, wait_until_ready
from tests.e2e.outside import until
from tests.servers import ROOT

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
