"""Another process on the server's core that takes a share of it: what the product does when its processor is too slow."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench import gauge

TURN_S = 0.02


@contextmanager
def neighbour(core: str, share: float, priority: int) -> Iterator[None]:
    """It takes ``share`` of the core, in turns of 20 ms, until the block ends."""
    if not share:
        yield
        return
    process = subprocess.Popen([sys.executable, "-m", "bench.neighbour", str(share)], start_new_session=True)
    try:
        gauge.pin(core, process.pid)
        gauge.prefer(process.pid, priority)
        yield
    finally:
        process.kill()
        process.wait()


def _take(share: float) -> None:
    """As long as whoever started it lives."""
    parent = os.getppid()
    while os.getppid() == parent:
        began, used = time.perf_counter(), time.thread_time()
        while time.thread_time() - used < TURN_S * share:
            pass
        time.sleep(max(0.0, began + TURN_S - time.perf_counter()))


if __name__ == "__main__":
    _take(float(sys.argv[1]))
