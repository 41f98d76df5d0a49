"""The doors as a provider finds them: a server of its own, real sockets, and a kill in the middle."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import httpx
import orjson
import psycopg
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from callcenter.ingest.consumer import TRY_LATER, WAITING_MESSAGES
from tests.ingest.frames import level, said, started
from tests.ingest.playing import TOKEN
from tests.servers import Console

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

WAIT_S = 60


@pytest.fixture(scope="module")
def house(console: Console) -> Console:
    console.manage("add_connection", "bridge", "--provider", "pinecall", "--team", "North", "--token", TOKEN)
    return console


@contextmanager
def socket(house: Console, process: int = 0, token: str = TOKEN) -> Iterator[ClientConnection]:
    address = f"{house.ws_urls[process]}/ws/ingest/bridge/"
    headers = {"Authorization": f"Bearer {token}"}
    with connect(address, additional_headers=headers, open_timeout=WAIT_S, max_size=None, ping_interval=None) as opened:
        yield opened


def ask(opened: ClientConnection, value: Any) -> Any:
    opened.send(value if isinstance(value, str) else orjson.dumps(value).decode())
    return orjson.loads(opened.recv(WAIT_S))


def query(house: Console, sql: str) -> list[tuple[Any, ...]]:
    """Straight from the database, past everything that is tested."""
    url = house.env["DATABASE_URL"]
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30)) as database:
            return database.execute(sql).fetchall()
    with psycopg.connect(url) as database:
        return database.execute(sql.encode()).fetchall()


def test_a_wrong_token_is_a_403_of_the_handshake(house: Console) -> None:
    with pytest.raises(InvalidStatus) as refused, socket(house, token="in_wrong"):
        pass
    assert refused.value.response.status_code == 403


def test_a_message_beyond_the_limit_leaves_the_socket_open(house: Console) -> None:
    with socket(house) as opened:
        huge = {"stream": "huge", "id": 1, "frames": [said(1, "x" * 9_000_000, "u1", "CAhuge")]}
        assert ask(opened, huge) == {"ack": 1, "error": "too_large"}
        assert ask(opened, {"stream": "huge", "id": 1, "frames": [started(0, "CAhuge")]})["accepted"] == 1


def test_seven_megabytes_are_no_problem(house: Console) -> None:
    with socket(house) as opened:
        frames = [said(number, "word " * 20_000, f"u{number}", "CAlong") for number in range(70)]
        assert ask(opened, {"stream": "long", "id": 1, "frames": frames})["accepted"] == 70


def test_a_body_streamed_without_a_length_is_taken(house: Console) -> None:
    lines = (orjson.dumps(said(number, f"line {number}", f"u{number}", "CAstream")) + b"\n" for number in range(500))
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = httpx.post(f"{house.url}/ingest/bridge/", content=lines, headers=headers, timeout=WAIT_S)
    assert (answer.status_code, answer.json()["accepted"]) == (202, 500)


def test_what_was_acknowledged_survives_a_kill_and_is_not_taken_twice(house: Console) -> None:
    sent = [{"stream": "kill", "id": n, "frames": [said(None, f"line {n}", "", "CAkill"), level(None, "CAkill")]} for n in range(400)]
    acknowledged = -1
    with socket(house) as opened:
        for envelope in sent:
            opened.send(orjson.dumps(envelope).decode())
        for _ in range(60):
            acknowledged = orjson.loads(opened.recv(WAIT_S))["ack"]
        house.kill(0)
    journaled = len(query(house, "SELECT id FROM journal_entry WHERE scope = 'call:CAkill'"))
    assert journaled >= acknowledged + 1
    house.start()
    with socket(house) as opened:
        again = sent[max(0, acknowledged - 20) :]
        for envelope in again:
            opened.send(orjson.dumps(envelope).decode())
        answers = [orjson.loads(opened.recv(WAIT_S)) for _ in again]
    assert all(answer["accepted"] + answer["duplicates"] == 2 for answer in answers)
    frames = query(house, "SELECT frame FROM journal_entry WHERE scope = 'call:CAkill' ORDER BY n")
    assert [orjson.loads(frame)["text"] for (frame,) in frames] == [f"line {n}" for n in range(400)]
    assert house.manage("rebuild_calls", "--check").strip() == "clean"


def test_a_sender_may_go_on_with_another_process(house: Console) -> None:
    """Whichever process it meets after a redial knows what was committed."""
    for number in range(6):
        with socket(house, number % len(house.urls)) as opened:
            for again in range(max(0, number - 1), number + 1):
                answer = ask(opened, {"stream": "walk", "id": again, "frames": [said(None, f"line {again}", "", "CAwalk")]})
                assert answer["accepted" if again == number else "duplicates"] == 1
    assert len(query(house, "SELECT id FROM journal_entry WHERE scope = 'call:CAwalk'")) == 6


@contextmanager
def journal_held(house: Console) -> Iterator[None]:
    """Nobody can commit meanwhile."""
    url = house.env["DATABASE_URL"]
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=30, isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            yield
            holder.execute("ROLLBACK")
        return
    with psycopg.connect(url) as holder:
        holder.execute("LOCK TABLE journal_entry IN EXCLUSIVE MODE")
        yield


def send_all(opened: ClientConnection, frames: list[Any]) -> None:
    for frame in frames:
        opened.send(orjson.dumps(frame).decode())
    opened.recv(WAIT_S)


def code_of(talk: Callable[[], None]) -> int:
    """With what code the server ends it."""
    with pytest.raises(ConnectionClosed) as closed:
        talk()
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def test_a_sender_that_is_too_far_ahead_is_told_to_try_again_later(house: Console) -> None:
    frames = [said(number, "hello", f"ahead-{number}", "CA-ahead") for number in range(WAITING_MESSAGES + 100)]
    with socket(house) as opened, journal_held(house):
        assert code_of(lambda: send_all(opened, frames)) == TRY_LATER
    with socket(house) as opened:
        assert ask(opened, frames[0])["accepted"] + ask(opened, frames[-1])["accepted"] > 0
    assert "Traceback" not in house.log()
