"""``python -m callcenter.cluster``: the whole installation in one terminal, with a demonstration in it, until Ctrl-C."""

import argparse
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

from callcenter.cluster.installation import ROOT, Installation, environment, only_one
from callcenter.cluster.machine import TroubleError

LOOK_S = 0.2
printing = threading.Lock()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m callcenter.cluster", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=os.environ.get("PORT") or "8000", help="port to listen on (default: PORT, or 8000)")
    parser.add_argument("--web", type=int, default=2, help="processes for people (default: %(default)s)")
    parser.add_argument("--ingest", type=int, default=2, help="processes for providers (default: %(default)s)")
    parser.add_argument("--calls", type=int, default=12, help="simulated calls at the same time; 0 for none (default: %(default)s)")
    parser.add_argument("--speed", type=float, default=1.0, help="how much faster than life the simulator is (default: %(default)s)")
    options = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop_as_by_ctrl_c)
    var = Path(os.environ.get("VAR_DIR") or ROOT / "var")
    try:
        with only_one(var / "cluster"):
            run(Installation(var, options.host, options.port, say, web=options.web, ingest=options.ingest, env=environment()), options)
    except TroubleError as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1
    return 0


def run(installation: Installation, options: argparse.Namespace) -> None:
    """Until Ctrl-C. Raises TroubleError."""
    try:
        installation.start()
        say("", installation.demonstrate(options.calls, options.speed))
        while True:
            installation.crew.tend()
            time.sleep(LOOK_S)
    except KeyboardInterrupt:
        say("cluster", "Stopping.")
    finally:
        # Whoever presses Ctrl-C again would leave half of it running.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        installation.crew.stop()


def say(name: str, line: str) -> None:
    """One line of somebody's log. A terminal that was closed hears nothing, and stops nothing."""
    with printing, suppress(OSError, ValueError):
        sys.stdout.write(f"{name:<10} | {line}\n" if name else f"{line}\n")
        sys.stdout.flush()


def stop_as_by_ctrl_c(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
