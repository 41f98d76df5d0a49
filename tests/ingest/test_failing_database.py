"""A database that cannot be reached for a while: nothing is lost, nothing comes twice, and senders are told the truth."""

import asyncio
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import psycopg
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import DatabaseError, OperationalError, connection

from callcenter.calls.models import Call, TranscriptEntry
from callcenter.ingest.writer import Writer
from callcenter.journal.models import DeadLetter, Entry
from tests.ingest.doors import Door
from tests.ingest.frames import ended, frame, level, said, speaking, started, word
from tests.ingest.playing import Player, make_source


@contextmanager
def locked(backend: str) -> Iterator[None]:
    """Somebody else holds what every commit needs: the file on SQLite, the journal on PostgreSQL."""
    config = settings.DATABASES["default"]
    if backend == "sqlite":
        holder = sqlite3.connect(connection.settings_dict["NAME"], timeout=30, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            holder.execute("ROLLBACK")
            holder.close()
        return
    name = {key.lower(): config[key] for key in ("HOST", "PORT", "USER", "PASSWORD") if config[key]}
    with psycopg.connect(**name, dbname=connection.settings_dict["NAME"]) as other:
        other.execute("LOCK TABLE journal_entry IN EXCLUSIVE MODE")
        yield


def impatient(backend: str) -> None:
    """Let this thread's connection give up at once instead of after its usual seconds."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout=50" if backend == "sqlite" else "SET lock_timeout = '50ms'")


@pytest.mark.django_db(transaction=True)
def test_what_was_not_committed_is_not_kept_in_memory_either(backend) -> None:
    player = Player(make_source())
    player.send([started()])
    impatient(backend)
    with locked(backend), pytest.raises(OperationalError):
        player.send([said(1, "hello", "u1")], stream="s", id=1)
    assert not player.writers[0].positions
    assert player.send([said(1, "hello", "u1")], stream="s", id=1).accepted == 1
    assert TranscriptEntry.objects.get().text == "hello"
    assert list(Entry.objects.order_by("n").values_list("n", flat=True)) == [1, 2]


@pytest.mark.django_db(transaction=True)
def test_words_of_a_call_are_not_forgotten_when_only_a_level_of_it_came_with_what_was_not_committed(backend) -> None:
    player = Player(make_source())
    player.send([started(0, "CA1"), speaking(1, "m1", "good morning", "CA1"), started(0, "CA2")])
    player.send([word(2, "m1", 0, "good", "CA1")])
    impatient(backend)
    with locked(backend), pytest.raises(OperationalError):
        player.send([level(3, "CA1"), said(3, "hello", "u1", "CA2")], stream="s", id=1)
    assert player.send([level(3, "CA1"), said(3, "hello", "u1", "CA2")], stream="s", id=1).accepted == 2
    player.send([frame("bot.interrupted", 4, "CA1", messageId="m1")])
    assert TranscriptEntry.objects.get(call__call_uuid="CA1").text == "good"


@pytest.mark.django_db(transaction=True)
def test_one_failure_is_enough_to_find_a_new_connection_after_the_old_ones_broke(backend) -> None:
    player = Player(make_source())
    player.send([started()])
    break_connections(backend)
    if backend == "servers":
        with pytest.raises(OperationalError):
            player.send([said(1, "hello", "u1")])
    assert player.send([said(1, "hello", "u1")]).accepted == 1
    assert TranscriptEntry.objects.count() == 1


@contextmanager
def read_only(backend: str) -> Iterator[None]:
    """As after a failover to a standby."""

    def standby(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        execute("PRAGMA query_only=ON" if backend == "sqlite" else "SET TRANSACTION READ ONLY", None, False, context)
        return execute(sql, params, many, context)

    try:
        with connection.execute_wrapper(standby):
            yield
    finally:
        connection.close()


@contextmanager
def not_migrated(backend: str) -> Iterator[None]:
    """The new version of the program, and the tables of the old one."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE calls_call RENAME COLUMN alarm TO alarm_before")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE calls_call RENAME COLUMN alarm_before TO alarm")


@pytest.mark.parametrize("trouble", [read_only, not_migrated])
@pytest.mark.django_db(transaction=True)
def test_a_database_that_takes_nothing_for_a_while_makes_no_dead_letters(backend, trouble) -> None:
    player = Player(make_source())
    player.send([started()])
    with trouble(backend), pytest.raises(DatabaseError):
        player.send([said(1, "hello", "u1"), ended(2)], stream="s", id=1)
    assert not DeadLetter.objects.exists()
    assert player.send([said(1, "hello", "u1"), ended(2)], stream="s", id=1).accepted == 2
    assert TranscriptEntry.objects.get().text == "hello"


def break_connections(backend: str) -> None:
    """Break the connection of this thread and all that the pool would lend next."""
    if backend == "sqlite":
        connection.close()
        return
    wrapper: Any = connection  # a pool is only in the wrapper for PostgreSQL
    pool = wrapper.pool
    lent = [wrapper.connection, *(pool.getconn() for _ in range(4))]
    pids = [one.info.backend_pid for one in lent]
    for one in lent[1:]:
        pool.putconn(one)
    with psycopg.connect(_admin_url(), autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(pid) FROM unnest(%s::int[]) AS pid", [pids])


def _admin_url() -> str:
    config = settings.DATABASES["default"]
    return f"postgres://{config['USER']}@{config['HOST']}:{config['PORT']}/postgres"


async def test_messages_wait_for_a_locked_database_and_are_answered_once_it_is_free(door: Door, backend) -> None:
    socket = await door.open()
    await socket.ask(started())
    release, held = threading.Event(), threading.Event()

    def hold() -> None:
        with locked(backend):
            held.set()
            release.wait(60)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    await asyncio.to_thread(held.wait, 60)
    try:
        for number in range(20):
            envelope = {"stream": "s", "id": number, "frames": [said(None, f"line {number}")]}
            await socket.say(orjson.dumps(envelope).decode())
        assert await socket.communicator.receive_nothing(0.5)
    finally:
        release.set()
        await asyncio.to_thread(holder.join)
    answers = [await socket.hear() for _ in range(20)]
    assert [(answer["ack"], answer["accepted"]) for answer in answers] == [(number, 1) for number in range(20)]
    assert await sync_to_async(texts)() == [f"line {number}" for number in range(20)]


def texts() -> list[str]:
    return list(TranscriptEntry.objects.order_by("sort_time", "sort_n").values_list("text", flat=True))


class Flaky(Writer):
    """Breaks after its commit, as a process does that dies before it answers; and before it, as a full disk does."""

    def __init__(self, *breaks: str) -> None:
        super().__init__()
        self.breaks = list(breaks)

    def _commit(self, *arguments: Any) -> Any:
        way = self.breaks.pop(0) if self.breaks else ""
        if way == "before":
            raise OperationalError("database or disk is full")
        done = super()._commit(*arguments)
        if way == "after":
            raise OperationalError("the answer was lost")
        return done


@pytest.mark.django_db(transaction=True)
def test_a_group_tried_again_after_a_lost_answer_is_not_doubled() -> None:
    player = Player(make_source())
    player.writers = [Flaky("", "before", "after")]
    player.send([started(None)], stream="s", id=1)
    for _ in range(2):
        with pytest.raises(OperationalError):
            player.send([said(None, "hello")], stream="s", id=2)
    assert player.send([said(None, "hello")], stream="s", id=2).duplicates == 1
    assert TranscriptEntry.objects.count() == 1
    assert Call.objects.get().last_text == "hello"
