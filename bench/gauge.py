"""What a process costs, read from /proc: processor time, time spent waiting for a processor, memory."""

import atexit
import os
import time
from argparse import Namespace
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
CORES = sorted(os.sched_getaffinity(0))  # before anything is pinned: children inherit what is left


@dataclass(frozen=True, slots=True)
class Reading:
    """``cpu_s`` and ``wait_s`` (ready to run, but another had the processor) since the start; ``rss_mib`` now, ``peak_mib`` ever."""

    at: float
    cpu_s: float
    wait_s: float
    rss_mib: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Cost:
    """Between two readings: shares of one core, and seconds."""

    seconds: float
    cpu_s: float
    cores: float
    waiting: float  # share of the time in which some thread of it stood in the run queue
    rss_mib: float
    peak_mib: float


def read(pid: int | None = None) -> Reading:
    """Read a process, this one by default."""
    folder = Path(f"/proc/{pid or os.getpid()}")
    fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
    status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines() if ":" in line)
    wait = 0
    for task in (folder / "task").iterdir():
        with suppress(OSError):  # a thread that ended meanwhile
            wait += int((task / "schedstat").read_text().split()[1])
    return Reading(
        time.monotonic(),
        (int(fields[11]) + int(fields[12])) / TICKS,
        wait / 1e9,
        int(status["VmRSS"].split()[0]) / 1024,
        int(status["VmHWM"].split()[0]) / 1024,
    )


def between(before: Reading, after: Reading) -> Cost:
    seconds = after.at - before.at
    cpu = after.cpu_s - before.cpu_s
    return Cost(seconds, cpu, cpu / seconds, max(0.0, after.wait_s - before.wait_s) / seconds, after.rss_mib, after.peak_mib)


def pin(core: str, pid: int = 0) -> None:
    """Put a process on the first or the last processor there is; "" leaves it alone. Children follow."""
    if core:
        with suppress(ProcessLookupError):  # a thread that ended meanwhile
            os.sched_setaffinity(pid, {CORES[0] if core == "first" else CORES[-1]})


def unpin(pid: int) -> None:
    """Let all threads of a process run on any processor."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            os.sched_setaffinity(int(task.name), CORES)


def prepare(options: Namespace) -> None:
    """Before any process is started: the generator on the last core, everything at the wanted priority."""
    pin("last")
    prefer(os.getpid(), options.priority)


def prefer(pid: int, nice: int) -> None:
    """Set the nice value of a process and of its session: the kernel shares processors out to sessions first.

    The session of this process, which is that of a shell, gets its own value back at the end.
    """
    if nice:
        os.setpriority(os.PRIO_PROCESS, pid, nice)
        session = Path(f"/proc/{pid}/autogroup")
        with suppress(OSError):
            if pid == os.getpid():
                atexit.register(session.write_text, session.read_text().split()[-1])
            session.write_text(str(nice))


def family(pid: int) -> list[int]:
    """All descendants of a process."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            for child in map(int, (task / "children").read_text().split()):
                found += [child, *family(child)]
    return found
