"""``python -m bench NAME [--long]``: run one benchmark, or ``all``; print its table and write its figures as JSON."""

import argparse
import sys
from importlib import import_module
from pathlib import Path

BENCHMARKS = (
    "decode", "cost", "pipeline", "ingest", "fanout", "event_to_frame", "painted", "page", "reconnect", "disturbed", "growth", "journal",
    "scale", "soak", "naive",
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", choices=(*BENCHMARKS, "all"))
    parser.add_argument("--long", action="store_true", help="minutes instead of seconds")
    parser.add_argument("--seconds", type=float, default=0.0, help="of each stretch that is measured")
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--operators", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=0, help="how often product and reference take turns")
    parser.add_argument("--backend", choices=("sqlite", "servers"), default="sqlite", help="servers: PostgreSQL and Redis")
    parser.add_argument("--server", choices=("daphne", "uvicorn"), default="daphne", help="of event_to_frame, fanout and soak")
    parser.add_argument(
        "--free",
        dest="core",
        action="store_const",
        const="",
        default="first",
        help="event_to_frame, soak and scale: the server runs on any core",
    )
    parser.add_argument(
        "--taken", type=float, default=0.0, help="event_to_frame and soak: the share of the server's core that another process takes"
    )
    parser.add_argument("--size", type=int, default=24, help="frames an envelope; 1: every frame alone")
    parser.add_argument("--priority", type=int, default=0, help="nice value of server and generator, for a machine that others use too")
    parser.add_argument("--profile", type=Path, help="file for collapsed stacks of the server, by py-spy")
    parser.add_argument("--out", type=Path, default=Path("var/bench"), help="folder for JSON")
    options = parser.parse_args()
    options.seconds = options.seconds or (60.0 if options.long else 6.0)
    options.rounds = options.rounds or (9 if options.long else 3)
    missed = False
    for name in BENCHMARKS if options.name == "all" else (options.name,):
        report = import_module("bench." + ("naive.measure" if name == "naive" else name)).run(options)
        report.write(options.out)
        sys.stdout.write(report.table() + "\n")
        sys.stdout.flush()
        missed |= any(row.met is False for row in report.rows)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
