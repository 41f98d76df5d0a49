"""The journal of calls that are over goes into the archive, and nothing is different but its size."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client

from callcenter.calls import rebuild
from callcenter.calls.archiving import archive_before
from callcenter.calls.holding import change_holder
from callcenter.calls.models import Call
from callcenter.calls.tombstones import delete_calls
from callcenter.journal.archive import Archived, DamagedArchive, put_away, unpack
from callcenter.journal.models import Archive, Entry
from callcenter.operators.models import Operator
from tests import factories
from tests.ingest.frames import ended, said, spoken, started
from tests.ingest.playing import Player, check_same, make_source, shown
from tests.providers.contract import sample

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).resolve().parents[2]
FAR = datetime(2100, 1, 1, tzinfo=UTC)
WAIT_S = 60


def conversation(call: str) -> list[Any]:
    return [started(0, call), said(1, "I am late.", "u1", call), *spoken(2, "m1", "No", "problem", call=call), ended(9, call)]


def archive(before: datetime = FAR) -> str:
    out = StringIO()
    call_command("archive_journal", before=before, stdout=out)
    return out.getvalue().strip()


def check() -> str:
    out = StringIO()
    with suppress(CommandError):
        call_command("rebuild_calls", "--check", stdout=out)
    return out.getvalue().strip()


def journal() -> set[tuple[str, int, str, str]]:
    """Every entry of a call, wherever it is. Fails when one is in both places."""
    kept = list(Entry.objects.filter(scope__startswith="call:").values_list("scope", "n", "key", "frame"))
    away = [(e.scope, e.n, e.key, e.frame) for found in Archive.objects.all() for e in unpack(found)]
    assert len({*kept, *away}) == len(kept) + len(away)
    return {*kept, *away}


@pytest.fixture
def player() -> Player:
    return Player(make_source())


@pytest.fixture
def talk(player: Player) -> list[Any]:
    """A call that is over."""
    frames = conversation("CA-1")
    player.play(frames)
    return frames


def test_all_that_both_providers_can_tell_is_the_same_after_it() -> None:
    for log in ("pinecall-wire", "sippet-flat"):
        player = Player(make_source(log.partition("-")[0]))
        player.play(sample(log), 20)
        player.settle()
    before, entries, over = shown(), journal(), Call.objects.filter(status="completed").count()
    assert archive().startswith(f"{over} calls, ")
    assert over
    assert not Entry.objects.filter(scope__in=Archive.objects.values("scope")).exists()
    assert check() == "clean"
    assert journal() == entries
    check_same(before, shown())
    assert archive() == "0 calls, 0 entries archived"


def test_live_calls_and_those_heard_a_moment_ago_stay(player: Player) -> None:
    player.play([*conversation("CA-old"), started(0, "CA-live")])
    player.pass_time(3600)
    player.play(conversation("CA-young"))
    archive(player.now - timedelta(minutes=30))
    assert list(Archive.objects.values_list("scope", flat=True)) == ["call:CA-old"]


@pytest.mark.parametrize("remembers", [True, False], ids=["a writer that knows the call", "a new writer"])
def test_a_frame_that_comes_again_is_a_duplicate(player: Player, talk: list[Any], remembers: bool) -> None:
    archive()
    before, revision = journal(), Call.objects.get().revision
    answer = (player if remembers else Player(player.source)).send(talk)
    assert answer.duplicates == sum(not entry[3].startswith('{"event":"line.settled"') for entry in before)
    assert (journal(), Call.objects.get().revision) == (before, revision)


@pytest.mark.parametrize("remembers", [True, False], ids=["a writer that knows the call", "a new writer"])
def test_what_comes_late_goes_on_where_the_archive_ends(player: Player, talk: list[Any], remembers: bool) -> None:
    archive()
    last = Archive.objects.get().last
    (player if remembers else Player(player.source)).send([said(5, "One thing more.", "u2", "CA-1")])
    assert list(Entry.objects.filter(scope="call:CA-1").values_list("n", flat=True)) == [last + 1]
    assert sorted(line.text for line in Call.objects.get().lines.all()) == ["I am late.", "No problem", "One thing more."]
    assert check() == "clean"


def test_rows_are_made_again_from_the_archive(player: Player, talk: list[Any]) -> None:
    before = shown()
    archive()
    delete_calls(Call.objects.all())
    assert check() == "call CA-1: has no row"
    call_command("rebuild_calls", stdout=StringIO())
    check_same(before, shown())
    player.send([said(5, "One thing more.", "u2", "CA-1")])
    entries = journal()
    archive()
    assert journal() == entries
    assert Archive.objects.get().count == len(entries)
    assert check() == "clean"


def test_a_check_misses_no_call_that_is_archived_meanwhile(player: Player, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild, "PAGE", 1)
    monkeypatch.setattr(rebuild, "CHUNK", 1)
    for number in range(3):
        player.play(conversation(f"CA-{number}"))
    Call.objects.update(last_text="Something else")
    found = rebuild.differences()
    first = next(found)
    archive()
    assert {line.split(":")[0] for line in [first, *found]} == {"call CA-0", "call CA-1", "call CA-2"}


def test_a_holder_may_change_after_it(talk: list[Any], oskar: Operator) -> None:
    archive()
    change_holder(Call.objects.get(), oskar, fence=0, by=oskar, why="", now=datetime.now(UTC))
    assert check() == "clean"
    assert Call.objects.get().lines.count() == 2


def test_the_api_reads_both(player: Player, talk: list[Any], client: Client, admin: Operator) -> None:
    headers, path = factories.bearer(admin), "/api/v1/calls/CA-1/events/?limit=2"

    def pages(cursor: str | None = "") -> Iterator[Any]:
        while cursor is not None:
            page = client.get(f"{path}&cursor={cursor}" if cursor else path, headers=headers).json()
            yield from page["results"]
            cursor = page["next"]

    before = list(pages())
    archive()
    assert list(pages()) == before
    player.send([said(5, "One thing more.", "u2", "CA-1")])
    assert [entry["n"] for entry in pages()] == list(range(1, len(before) + 2))


def test_a_damaged_archive_says_so(talk: list[Any]) -> None:
    archive()
    found = Archive.objects.get()
    found.data = bytes(found.data)[:-9] + b"\0" + bytes(found.data)[-8:]
    with pytest.raises(DamagedArchive):
        unpack(found)


def test_ingest_goes_on_between_two_steps_and_beside_one(player: Player) -> None:
    """On SQLite there is one writer: it waits for a step, and a step is short. On PostgreSQL nobody waits."""
    for number in range(3):
        player.play(conversation(f"CA-{number}"))
    for number, _ in enumerate(archive_before(FAR, together=1)):
        assert player.send([started(0, f"CA-new-{number}")]).accepted == 1
    assert Archive.objects.count() == 3

    player.play(conversation("CA-last"))
    done = threading.Event()

    def write() -> None:
        player.send([said(1, "Hello?", "u1", "CA-new-1")])
        connection.close()
        done.set()

    writer = threading.Thread(target=write)
    with transaction.atomic():
        Call.objects.to_archive(FAR).select_for_update(no_key=True).get()
        put_away(["call:CA-last"])
        writer.start()
        if connection.vendor == "postgresql":
            assert done.wait(WAIT_S)
    assert done.wait(WAIT_S)
    writer.join()
    assert check() == "clean"


def test_a_call_that_is_written_to_is_left_for_later(player: Player) -> None:
    player.play([*conversation("CA-1"), *conversation("CA-2")])
    if connection.vendor != "postgresql":
        assert archive().startswith("2 calls")
        return
    found = []

    def run() -> None:
        found.append(archive())
        connection.close()

    with transaction.atomic():
        Call.objects.select_for_update(no_key=True).get(call_uuid="CA-1")
        other = threading.Thread(target=run)
        other.start()
        other.join(WAIT_S)
    assert found
    assert found[0].startswith("1 calls")
    assert archive().startswith("1 calls")


STEPWISE = """
import sys
from datetime import UTC, datetime
from django.db import connection
from callcenter.calls import rebuild
from callcenter.calls.archiving import archive_before
from callcenter.calls.holding import change_holder
def step(execute, sql, params, many, context):
    print(sql[:20], flush=True)
    sys.stdin.readline()
    return execute(sql, params, many, context)
with connection.execute_wrapper(step):
    for _ in archive_before(datetime(2100, 1, 1, tzinfo=UTC), together=1):
        print("committed", flush=True)
        sys.stdin.readline()
"""


def test_killed_at_any_step_nothing_is_lost_and_nothing_is_there_twice(player: Player, backend: str) -> None:
    """A real process and a real SIGKILL before every statement of a step, until one step goes through."""
    for number in range(2):
        player.play(conversation(f"CA-{number}"))
    before, whole = journal(), shown()
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}" if backend == "sqlite" else f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"
    env = {**os.environ, "DATABASE_URL": url}
    for steps in range(30):
        command = [sys.executable, "-c", f"import django; django.setup()\n{STEPWISE}"]
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdin is not None
        assert process.stdout is not None
        said = [process.stdout.readline()]
        for _ in range(steps):
            process.stdin.write("\n")
            process.stdin.flush()
            said.append(process.stdout.readline())
        assert all(said)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert journal() == before
        if said[-1] == "committed\n":
            break
    else:
        raise AssertionError("no step went through")
    assert steps >= 5  # it was killed in the middle of its work, and that five times
    assert Archive.objects.count() == 1
    archive()
    assert Archive.objects.count() == 2
    assert journal() == before
    check_same(whole, shown())
    assert check() == "clean"


def test_an_archived_entry_is_the_entry(talk: list[Any]) -> None:
    before = [Archived(*entry) for entry in Entry.objects.values_list(*Archived.__struct_fields__)]
    archive()
    assert unpack(Archive.objects.get()) == sorted(before, key=lambda entry: entry.n)
