"""A profile of the server while it is measured, by py-spy, if it is installed: stacks with their number of samples."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def profiled(pid: int, file: Path | None, seconds: float) -> Iterator[None]:
    """Write collapsed stacks of so many seconds to ``file``; nothing without one."""
    if file is None:
        yield
        return
    command = [
        str(Path(sys.executable).with_name("py-spy")),
        "record",
        "--pid",
        str(pid),
        "--duration",
        str(max(1, round(seconds))),
        "--rate",
        "200",
    ]
    with subprocess.Popen(
        [*command, "--format", "raw", "--gil", "--nonblocking", "--output", str(file)], stdout=subprocess.DEVNULL
    ) as recorder:
        yield
        recorder.wait(60)
