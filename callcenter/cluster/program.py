"""One program that runs: how it is started, when it is ready, by which signal it ends in order."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

WAIT_S = 60  # generous: the machine may be busy
END_S = 15
Process = subprocess.Popen[bytes]


@dataclass(frozen=True, slots=True)
class Program:
    """``answers``: is it ready? ``user``: who it runs as, None = whoever starts it; ``env`` None = what the starter has."""

    name: str
    command: list[str]
    answers: Callable[[], bool] = lambda: True
    env: Mapping[str, str] | None = None
    folder: Path | None = None
    user: str | None = None
    stop: signal.Signals = signal.SIGTERM

    def start(self, output: int | IO[bytes], *, leash: bool = False) -> Process:
        """A session of its own keeps the terminal's Ctrl-C from it, so that all end in order.

        ``leash``: where the system can do it, it also ends with the thread that started it, however that died.
        """
        return subprocess.Popen(
            [*(leashed(self.stop) if leash else []), *self.command],
            env=self.env,
            cwd=self.folder,
            user=self.user,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def run(self) -> tuple[int, str]:
        """To its end: exit code and output. Whoever is interrupted meanwhile ends it, and what it started, in order."""
        process = self.start(subprocess.PIPE, leash=True)
        try:
            output, _ = process.communicate()
        finally:
            end(process, self.stop)
        return process.returncode, output.decode(errors="replace")


def leashed(number: signal.Signals) -> list[str]:
    """Words before a command: Linux then sends it this signal when its starter is gone, even by SIGKILL."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", number.name.removeprefix("SIG")] if setpriv else []


def wait_until_ready(program: Program, process: Process) -> bool:
    """False when it ended, or WAIT_S passed, before it answered."""
    deadline = time.monotonic() + WAIT_S
    while not program.answers():
        if process.poll() is not None or time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def end(process: Process, number: signal.Signals) -> None:
    """Stop a process by a signal; kill it when it does not listen. What it left of its session goes too."""
    if process.poll() is None:
        process.send_signal(number)
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    kill_session(process)


def kill_session(process: Process) -> None:
    """Of a process that ended: nginx killed leaves a worker behind, which holds its port."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def answers_http(url: str) -> bool:
    """Whether a server gives any answer, an error too."""
    try:
        urlopen(f"{url}/healthz", timeout=10).close()  # noqa: S310  (an http address of our own)
    except HTTPError:
        return True
    except (URLError, OSError):
        return False
    return True
