"""``manage.py demo`` in one terminal: people who can log in, a server, and an end that leaves nothing running."""

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

import httpx
import pytest

from tests.servers import ROOT, WAIT_S, Console, free_port

pytestmark = [pytest.mark.e2e, pytest.mark.slow]


@contextmanager
def demonstration(console: Console, folder: Path, port: int) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    """A demo on the console's database; yields the process and the file with what it prints."""
    log = folder / "demo.log"
    command = [sys.executable, "manage.py", "demo", "--port", str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**console.env, "VAR_DIR": str(folder)}, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        yield process, log
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(WAIT_S)


def wait_for_text(log: Path, text: str) -> str:
    """What is printed once it contains ``text``."""
    deadline = time.monotonic() + WAIT_S
    while text not in (printed := log.read_text()):
        assert time.monotonic() < deadline, printed
        time.sleep(0.1)
    return printed


def children_of(pid: int) -> dict[int, str]:
    """The command line of each child process."""
    pids = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {int(child): Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ") for child in pids}


def log_in(browser: httpx.Client, name: str, password: str) -> bool:
    browser.cookies.clear()
    browser.get("/login/")
    browser.post("/login/", data={"username": name, "password": password, "csrfmiddlewaretoken": browser.cookies["csrftoken"]})
    return "sessionid" in browser.cookies


def test_everyone_can_log_in_with_the_printed_password_and_no_token_is_in_the_process_list(console: Console, tmp_path: Path):
    port = free_port()
    with demonstration(console, tmp_path, port) as (process, log):
        printed = wait_for_text(log, "stop with Ctrl-C")
        people = dict(re.findall(r"^  (\w+) +(?:supervisor|operator|admin) +(\w+)$", printed, re.MULTILINE))
        assert set(people) == {"sofia", "oskar", "ines", "admin"}
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=WAIT_S) as browser:
            assert [name for name, password in people.items() if not log_in(browser, name, password)] == []
        commands = " ".join(children_of(process.pid).values())
        assert "daphne" in commands
        assert "pinecall-demo" not in commands
        process.send_signal(signal.SIGINT)
        assert process.wait(WAIT_S) == 0
    with socket.create_server(("127.0.0.1", port)):
        pass  # the server let go of its port


def test_a_server_that_dies_ends_the_demonstration_with_an_error(console: Console, tmp_path: Path):
    with demonstration(console, tmp_path, free_port()) as (process, log):
        wait_for_text(log, "stop with Ctrl-C")
        server = next(pid for pid, command in children_of(process.pid).items() if "daphne" in command)
        os.kill(server, signal.SIGKILL)
        assert process.wait(WAIT_S) != 0
        assert "The server ended" in log.read_text()


def test_a_demonstration_that_is_killed_takes_everybody_with_it(console: Console, tmp_path: Path):
    with demonstration(console, tmp_path, free_port()) as (process, log):
        wait_for_text(log, "stop with Ctrl-C")
        children = children_of(process.pid)
        assert len(children) == 4
        process.kill()
        process.wait(WAIT_S)
        deadline = time.monotonic() + WAIT_S
        while left := [command for pid, command in children.items() if Path(f"/proc/{pid}").exists()]:
            assert time.monotonic() < deadline, left
            time.sleep(0.1)


def test_a_port_that_is_taken_is_said_in_one_sentence(console: Console, tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with demonstration(console, tmp_path, port) as (process, log):
            assert process.wait(WAIT_S) != 0
        assert re.fullmatch(rf"CommandError: Port {port} .*\n", log.read_text())


MISSING = """
from callcenter.calls.models import Call
from callcenter.commands.models import Command
done = Command.objects.filter(verb="hang_up", state="confirmed", call__status="completed").values("call__connection")
found = Call.objects.filter(status="answered").exclude(channel="whatsapp").order_by("answered_at").select_related("connection")
newest = {call.connection.slug: call.call_uuid for call in found.exclude(connection__in=done)}
for slug in ("pinecall-direct", "sippet-direct"):
    if not done.filter(call__connection__slug=slug):
        print(newest.get(slug, "none yet"))
if not Command.objects.filter(verb="set_status", state="confirmed", operator__username="sofia"):
    print("Sippet has not taken it yet")
"""


def hang_up(browser: httpx.Client, call: str) -> None:
    """As the form of the call's page does it; the call may be over by then."""
    form = browser.get(f"/calls/{call}/").text.partition('id="desk-hang-up"')[2].partition("</form>")[0]
    values = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    browser.post(f"/calls/{call}/do/hang-up/", data={**values, "csrfmiddlewaretoken": browser.cookies["csrftoken"]})


def become_ready(browser: httpx.Client) -> None:
    browser.post("/me/presence/", data={"state": "ready", "csrfmiddlewaretoken": browser.cookies["csrftoken"]})


def test_commands_travel_through_the_runner_to_the_played_services_and_nothing_stays_behind(console: Console, tmp_path: Path):
    port = free_port()
    with demonstration(console, tmp_path, port) as (process, log):
        password = re.findall(r"^  sofia +supervisor +(\w+)$", wait_for_text(log, "stop with Ctrl-C"), re.MULTILINE)[0]
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=WAIT_S) as browser:
            assert log_in(browser, "sofia", password)
            deadline = time.monotonic() + 2 * WAIT_S
            while calls := console.manage("shell", "--no-imports", "-c", MISSING).split("\n")[:-1]:
                assert time.monotonic() < deadline, (calls, log.read_text())
                for call in calls:
                    hang_up(browser, call)
                become_ready(browser)
        children = children_of(process.pid)
        assert len(children) == 4
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_S) == 0
        assert [command for pid, command in children.items() if Path(f"/proc/{pid}").exists()] == []
    assert "Traceback" not in log.read_text()
