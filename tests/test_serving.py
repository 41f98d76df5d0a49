"""The product as it is started for real: it answers, refuses strange sockets, and comes back after SIGKILL."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psycopg
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from tests.e2e.outside import PASSWORD, sign_in_at
from tests.servers import WAIT_S, Console

pytestmark = pytest.mark.e2e

BROWSERS = 20


@pytest.fixture(scope="module")
def signed_in(console: Console) -> dict[str, str]:
    """The headers of somebody whose pages read the database."""
    console.manage("add_operator", "sofia", "--role", "supervisor", "--password", PASSWORD, "--team", "North")
    return {"Cookie": f"sessionid={sign_in_at(console.url, 'sofia')}"}


def status(url: str | Request) -> int:
    try:
        with urlopen(url) as answer:
            return int(answer.status)
    except HTTPError as error:
        return error.code


def open_connections(console: Console) -> int:
    """On PostgreSQL its sessions of this database; on SQLite the descriptors of the file in the first web process."""
    url = console.env["DATABASE_URL"]
    if url.startswith("postgres"):
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()").fetchone()
            return int(row[0]) if row else 0
    process = console.web[0]
    assert process
    held = [os.path.realpath(entry) for entry in Path(f"/proc/{process.pid}/fd").iterdir()]
    return sum(path.endswith(".sqlite3") for path in held)


def test_every_process_answers(console: Console):
    assert [status(f"{url}/admin/login/") for url in console.urls] == [200] * len(console.urls)


def test_static_files_come_compressed_and_for_ever_from_the_same_server(console: Console):
    with urlopen(f"{console.url}/admin/login/") as answer:
        html = answer.read().decode()
    script = next(part for part in html.split('"') if part.startswith("/static/") and part.endswith(".js"))
    with urlopen(f"{console.url}{script}") as answer:
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_host_name_that_is_not_ours_is_refused(console: Console):
    request = Request(f"{console.url}/admin/login/", headers={"Host": "elsewhere.example"})
    assert status(request) == 400


def test_requests_leave_no_more_database_connections_than_ran_at_once(console: Console, signed_in: dict[str, str]):
    with ThreadPoolExecutor(BROWSERS) as browsers:
        assert set(browsers.map(status, [Request(f"{console.url}/", headers=signed_in)] * 10 * BROWSERS)) == {200}
    deadline = time.monotonic() + WAIT_S
    # The pool holds 16, and some threads have one of their own. SQLite keeps the descriptors of closed ones, for the next.
    most = 20 if console.env["DATABASE_URL"].startswith("postgres") else 2 * BROWSERS
    while open_connections(console) > most:
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("path", ["/ws/nothing/", "/ws/ingest/", "/elsewhere/"])
def test_a_socket_on_a_path_nobody_serves_is_refused(console: Console, path: str):
    with pytest.raises(InvalidStatus) as refusal:
        connect(f"{console.ws_url}{path}", origin=Origin(console.url), open_timeout=WAIT_S)
    assert refusal.value.response.status_code == 403


def test_after_sigkill_it_answers_on_the_same_address(console: Console):
    console.kill()
    console.restart()
    assert status(f"{console.url}/admin/login/") == 200
    assert "Internal Server Error" not in console.log()


def test_after_the_database_dropped_every_connection_no_page_fails(console: Console, signed_in: dict[str, str]):
    with ThreadPoolExecutor(BROWSERS) as browsers:  # so that the pools hold many
        list(browsers.map(status, [Request(f"{url}/", headers=signed_in) for url in console.urls * 50]))
    if console.env["DATABASE_URL"].startswith("postgres"):
        with psycopg.connect(console.env["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    for url in console.urls:
        assert [status(Request(f"{url}/", headers=signed_in)) for _ in range(20)] == [200] * 20
