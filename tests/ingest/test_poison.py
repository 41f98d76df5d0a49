"""One frame that cannot be stored must not stop the others: it becomes a dead letter, and says so in the answer."""

from datetime import UTC, datetime
from typing import Any

import orjson
import psycopg
import pytest
from django.db import DataError, IntegrityError, InterfaceError, InternalError, NotSupportedError, OperationalError, ProgrammingError

from callcenter.calls.models import TranscriptEntry
from callcenter.domain.events.speech import ContactMessage
from callcenter.domain.reduce import HANDLERS
from callcenter.ingest.batch import Batch
from callcenter.ingest.decoding import Item, Metered, Rejected, take
from callcenter.ingest.message import MAX_FRAMES, open_text
from callcenter.ingest.poison import is_unreachable, without_poison
from callcenter.ingest.writer import Writer
from callcenter.journal.models import DeadLetter, Entry
from tests.ingest.frames import level, said, started
from tests.ingest.playing import Player, make_source

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def player() -> Player:
    return Player(make_source())


@pytest.fixture
def _bad_texts_break_the_database(monkeypatch) -> None:
    """As a value would that no column takes: every line with this text fails when its batch is written."""
    write = Batch._write

    def break_on_bad(batch: Batch) -> None:
        if any("bad" in entry.frame for entry in batch.entries):
            raise DataError("this text does not fit")
        write(batch)

    monkeypatch.setattr(Batch, "_write", break_on_bad)


@pytest.mark.usefixtures("_bad_texts_break_the_database")
def test_only_the_bad_frames_of_a_message_are_rejected(player) -> None:
    player.send([started()])
    answer = player.send([said(n, f"{'bad' if n in (3, 17) else 'good'} {n}", f"u{n}") for n in range(1, 31)], stream="s", id=1)
    assert (answer.accepted, answer.duplicates, [index for index, _ in answer.rejected]) == (28, 0, [2, 16])
    assert TranscriptEntry.objects.count() == 28
    assert DeadLetter.objects.count() == 2
    assert player.send([said(40, "good 40", "u40")]).accepted == 1


def of_postgres(kind: type[Exception], state: str) -> Exception:
    error = kind("as PostgreSQL says it")
    error.__cause__ = psycopg.errors.lookup(state)()
    return error


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("database is locked"), OperationalError("no such column: calls_call.alarm"), InterfaceError("connection already closed"),
        of_postgres(OperationalError, "57P01"), of_postgres(InternalError, "25006"), of_postgres(ProgrammingError, "42703"),
        of_postgres(ProgrammingError, "42P01"), of_postgres(ProgrammingError, "42501"), of_postgres(OperationalError, "40001"),
        of_postgres(NotSupportedError, "0A000"),
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_wrong_with_the_database_is_waited_for(error: Exception) -> None:
    assert is_unreachable(error)


@pytest.mark.parametrize(
    "error",
    [
        KeyError("agent"), UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates"), OverflowError("int too large"), DataError("no NUL"),
        IntegrityError("UNIQUE"), ProgrammingError("Error binding parameter 1: type 'dict' is not supported"),
        OperationalError("too many SQL variables"), OperationalError('near ")": syntax error'), of_postgres(DataError, "22P05"),
        of_postgres(IntegrityError, "23505"), of_postgres(ProgrammingError, "42601"), of_postgres(OperationalError, "54001"),
        of_postgres(InternalError, "XX001"), of_postgres(InternalError, "P0001"), of_postgres(ProgrammingError, "44000"),
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_wrong_with_a_frame_is_not(error: Exception) -> None:
    assert not is_unreachable(error)


def test_of_levels_too_only_the_bad_one_is_rejected() -> None:
    """A level is read from its bytes and never becomes a decoded frame."""
    frames = [said(1, "one", "u1"), level(2), said(3, "two", "u2")]
    messages = [open_text(make_source(), orjson.dumps({"frames": frames}).decode(), datetime.now(UTC))]
    good, metered, other = take(messages)
    assert isinstance(metered, Metered)

    def rehearse(items: list[Item]) -> None:
        if metered in items:
            raise DataError("this does not fit")

    kept, bad, last = without_poison([good, metered, other], rehearse)
    assert (kept, last) == (good, other)
    assert isinstance(bad, Rejected)
    assert "audio.metrics" in bad.text


@pytest.fixture
def _more_than_three_are_too_many(monkeypatch) -> None:
    write = Batch._write

    def break_on_many(batch: Batch) -> None:
        if len(batch.entries) > 3:
            raise OperationalError("Expression tree is too large (maximum depth 1000)")
        write(batch)

    monkeypatch.setattr(Batch, "_write", break_on_many)


@pytest.mark.usefixtures("_more_than_three_are_too_many")
def test_a_message_whose_frames_cannot_be_stored_together_is_kept_as_dead_letters(player) -> None:
    answer = player.send([started(), *(said(n, f"line {n}", f"u{n}") for n in range(3))], stream="s", id=1)
    assert (answer.accepted, len(answer.rejected), DeadLetter.objects.count()) == (0, 4, 4)
    assert player.send([said(4, "go on", "u4")], stream="s", id=2).accepted == 1


@pytest.mark.usefixtures("_more_than_three_are_too_many")
def test_frames_that_can_be_stored_alone_but_not_together_are_stored_message_by_message(player) -> None:
    source, now = player.source, datetime.now(UTC)
    texts = [orjson.dumps({"frames": [said(n, f"line {n}", f"u{n}"), said(n, f"more {n}", f"v{n}")]}).decode() for n in range(3)]
    done = Writer().write([open_text(source, text, now) for text in texts], now)
    assert [(answer.accepted, answer.rejected) for answer in done.answers] == [(2, [])] * 3
    assert TranscriptEntry.objects.count() == 6


def test_a_message_of_as_many_contacts_as_it_may_have_frames_is_stored(player) -> None:
    """SQLite takes a thousand conditions in a statement."""
    common = {"event": "whatsapp.message", "agent_id": "frontdesk", "direction": "inbound", "transport": "whatsapp", "text": "Hello"}
    own = [{"call_id": f"wa-{n}", "from": f"+4477009{n:05d}", "message_id": f"w{n}"} for n in range(MAX_FRAMES)]
    assert player.send([{**common, **one} for one in own]).accepted == MAX_FRAMES


@pytest.mark.usefixtures("_bad_texts_break_the_database")
def test_the_numbers_of_a_scope_have_no_gap_afterwards(player) -> None:
    player.send([started(), said(1, "bad", "u1"), said(2, "good", "u2")])
    assert list(Entry.objects.order_by("n").values_list("n", flat=True)) == [1, 2]


def test_a_race_for_a_new_call_is_tried_again(player, monkeypatch) -> None:
    """Two processes that meet a new call at once: the one that loses must not lose its frames."""
    run, losses = Batch._run, [IntegrityError("entry_once_per_number")] * 2

    def lose_at_first(batch: Batch, *frames: Any) -> None:
        run(batch, *frames)
        if losses:
            raise losses.pop()

    monkeypatch.setattr(Batch, "_run", lose_at_first)
    assert player.send([started(), said(1, "hello", "u1")]).accepted == 2
    assert not DeadLetter.objects.exists()


def test_a_frame_that_breaks_the_reducer_is_rejected(player, monkeypatch) -> None:
    def fall(state: Any, event: ContactMessage, stamp: Any) -> None:
        raise RuntimeError("a bug")

    player.send([started()])
    monkeypatch.setitem(HANDLERS, ContactMessage, fall)
    answer = player.send([said(1, "hello", "u1"), started(2, "CA2")])
    assert [index for index, _ in answer.rejected] == [0]
    assert answer.accepted == 1


def test_two_writers_that_meet_a_new_call_both_keep_their_frames(player) -> None:
    player.writers.append(Writer())
    player.send([started(None)], 0)
    player.send([said(None, "hello")], 1)
    player.send([said(None, "again")], 0)
    assert list(Entry.objects.order_by("n").values_list("n", flat=True)) == [1, 2, 3]
