"""``make cluster`` in one terminal: logs under names, who dies is started again, and an end that leaves nothing running."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import pytest

from callcenter.cluster.installation import environment
from callcenter.cluster.machine import LOCAL, TroubleError, free_port, program
from callcenter.cluster.program import answers_http
from tests.e2e.outside import until
from tests.servers import ROOT, WAIT_S

NAMES = {"postgres", "redis", "web-1", "web-2", "ingest-1", "ingest-2", "nginx", "runner", "simulator"}
START_S = 5 * WAIT_S
MARKS = ("bin/postgres", "redis-server", "daphne", "nginx", "run_connections", "simulate")


@contextmanager
def cluster(*arguments: str, **env: str) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """Yields the process and the file with what it prints."""
    with TemporaryDirectory(prefix="cluster-") as name:
        Path(name).chmod(0o755)
        log = Path(name) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "callcenter.cluster", *arguments],
                cwd=ROOT, env={**environment(), "VAR_DIR": name, **env}, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            )  # fmt: skip
        try:
            yield process, log
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(START_S)


def children_of(pid: int) -> dict[int, str]:
    """The command line of each child process."""
    pids = [int(child) for task in Path(f"/proc/{pid}/task").iterdir() for child in (task / "children").read_text().split()]
    return {child: Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ") for child in pids}


def wait_for_welcome(process: subprocess.Popen[bytes], log: Path) -> str:
    """What is printed once it is ready: it makes a database, starts nine processes, one after the other."""
    deadline = time.monotonic() + START_S
    while "stop with Ctrl-C" not in (said := log.read_text()):
        assert process.poll() is None, said
        assert time.monotonic() < deadline, said
        time.sleep(0.1)
    return said


def signs_in(url: str, name: str, password: str) -> bool:
    with httpx.Client(base_url=url, timeout=WAIT_S) as browser:
        browser.get("/login/")
        form = {"username": name, "password": password, "csrfmiddlewaretoken": browser.cookies["csrftoken"]}
        browser.post("/login/", data=form, headers={"Origin": url})
        return "sessionid" in browser.cookies


def test_everything_runs_in_one_terminal_comes_back_when_it_dies_and_ends_with_one_signal(static_root: Path):
    port = free_port()
    url = f"http://{LOCAL}:{port}"
    with cluster("--port", str(port), "--calls", "3", STATIC_ROOT=str(static_root)) as (process, log):
        welcome = wait_for_welcome(process, log)
        people = dict(re.findall(r"^  (\w+) +(?:supervisor|operator|admin) +(\w+)$", welcome, re.MULTILINE))
        assert set(people) == {"sofia", "oskar", "ines", "admin"}
        assert signs_in(url, "sofia", people["sofia"])
        children = children_of(process.pid)
        commands = " ".join(children.values())
        assert [mark for mark in MARKS if mark not in commands] == []
        assert len(children) == len(NAMES)
        assert "pinecall-demo" not in commands
        assert "requirepass" not in commands
        for mark in ("nginx", "daphne"):
            victim = next(pid for pid, command in children.items() if mark in command)
            os.kill(victim, signal.SIGKILL)
            until(lambda victim=victim: victim not in children_of(process.pid), "it is gone")  # type: ignore[misc]
            until(lambda: len(children_of(process.pid)) == len(NAMES) and answers_http(url), "it is back")
        said = log.read_text()
        assert re.search(r"^cluster    \| nginx ended \(signal SIGKILL\); it is started again", said, re.MULTILINE)
        assert set(re.findall(r"^([\w-]+) +\| ", said, re.MULTILINE)) <= NAMES | {"cluster"}
        left = children_of(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(START_S) == 0
        assert [command for pid, command in left.items() if Path(f"/proc/{pid}").exists()] == []
        with socket.create_server((LOCAL, port)):
            pass  # nginx let go of its port


def test_a_port_that_is_taken_is_said_in_one_sentence():
    with socket.create_server((LOCAL, 0)) as taken:
        port = taken.getsockname()[1]
        with cluster("--port", str(port)) as (process, log):
            assert process.wait(WAIT_S) == 1
            assert re.fullmatch(rf"Port {port} on {LOCAL} cannot be used \(.*\); choose another: .*\n", log.read_text())


def test_a_program_that_is_not_installed_is_said_in_one_sentence_before_anything_is_made():
    with cluster("--port", str(free_port()), PATH="/nowhere") as (process, log):
        assert process.wait(WAIT_S) == 1
        assert re.fullmatch(
            r"(redis-server|postgres) is not installed; on Debian and Ubuntu: sudo apt-get install [\w-]+\n", log.read_text()
        )
        assert not (log.parent / "cluster" / "postgres").exists()
    with pytest.raises(TroubleError, match="apt-get install nothing-of-that-name"):
        program("nothing-of-that-name", "nothing-of-that-name")


def test_two_clusters_do_not_share_one_folder():
    with cluster("--port", str(free_port()), "--calls", "0") as (_, log):
        until((log.parent / "cluster" / "postgres").exists, "the first one holds the folder")
        with cluster("--port", str(free_port()), VAR_DIR=str(log.parent)) as (second, said):
            assert second.wait(WAIT_S) == 1
            assert said.read_text().startswith("Another cluster runs on ")


def test_who_is_killed_takes_everybody_with_it_and_the_next_one_starts(static_root: Path):
    port = free_port()
    with cluster("--port", str(port), "--calls", "0", STATIC_ROOT=str(static_root)) as (process, log):
        wait_for_welcome(process, log)
        left = children_of(process.pid)
        process.kill()
        process.wait(WAIT_S)
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in left), "they are gone")
        with cluster("--port", str(port), "--calls", "0", VAR_DIR=str(log.parent), STATIC_ROOT=str(static_root)) as (second, said):
            wait_for_welcome(second, said)
