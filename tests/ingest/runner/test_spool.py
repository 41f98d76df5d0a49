"""What lies on disk between a provider and ingest: in order, the same envelopes again, and nothing of half a line."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from callcenter.ingest.runner.store import Store

BIG = 10_000_000


def frames_of(text: str) -> list[Any]:
    found: list[Any] = json.loads(text)["frames"]
    return found


def drained(store: Store) -> list[Any]:
    """Everything that waits, acknowledged envelope by envelope."""
    found: list[Any] = []
    while store.frames:
        envelope = store.next()
        if envelope is None:
            break
        found += frames_of(envelope.text)
        store.acknowledge(envelope.id)
    return found


def test_frames_come_out_in_order_whatever_their_size_and_spelling(tmp_path: Path) -> None:
    store = Store(tmp_path, 1, BIG)
    frames = [{"n": 1, "text": "é\n مرحبا"}, {"n": 2, "text": "x" * 1_500_000}, [None, "1", "events", "call_answered", {}], *range(1200)]
    assert store.put(frames) == ()
    assert drained(store) == frames
    assert store.oldest_ms() is None


def test_a_killed_runner_sends_the_same_envelopes_under_the_same_numbers_before_anything_new(tmp_path: Path) -> None:
    first = Store(tmp_path, 1, BIG)
    first.put(list(range(600)))
    first.remember("log", "600")
    sent = [first.next(), first.next()]
    first.put(["later"])
    second = Store(tmp_path, 2, BIG)  # the first was killed: it never closed
    second.put(["newest"])
    assert second.cursors == {"log": "600"}
    assert [second.next(), second.next()] == sent
    second.acknowledge(1)
    second.acknowledge(2)
    assert drained(second) == ["later", "newest"]
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["000000000002"]


def test_half_a_line_was_never_taken(tmp_path: Path) -> None:
    first = Store(tmp_path, 1, BIG)
    first.put(["whole"])
    (segment,) = tmp_path.rglob("*.log")
    with segment.open("ab") as file:
        file.write(b'1782900000000 1 ["ha')
    assert drained(Store(tmp_path, 2, BIG)) == ["whole"]


def test_an_envelope_that_was_not_acknowledged_is_sent_again_by_the_next_socket(tmp_path: Path) -> None:
    store = Store(tmp_path, 1, BIG)
    store.put(["a"])
    sent = store.next()
    store.put(["b"])
    store.rewind()
    assert store.next() == sent


def test_what_is_over_the_limit_is_given_back_and_room_comes_back_with_acknowledgements(tmp_path: Path) -> None:
    store = Store(tmp_path, 1, 2000)
    frames = ["x" * 900] * 1
    assert store.put(frames) == ()
    assert store.put(frames) == ()
    assert store.put(frames) == frames
    assert "SPOOL_LIMIT_MB" in store.refused
    assert len(drained(store)) == 2
    assert store.put(frames) == ()
    assert store.refused == ""


def test_an_empty_store_leaves_nothing_but_its_cursors(tmp_path: Path) -> None:
    store = Store(tmp_path, 1, BIG)
    store.put(["a"])
    store.remember("log", "1")
    drained(store)
    envelope = store.next()  # the cursor is a line too
    if envelope is not None:
        store.acknowledge(envelope.id)
    store.close()
    assert [path.name for path in tmp_path.iterdir()] == ["cursors"]
    assert Store(tmp_path, 2, BIG).cursors == {"log": "1"}


def test_a_read_that_fails_puts_nothing_of_one_envelope_into_the_next(tmp_path: Path) -> None:
    store = Store(tmp_path, 1, BIG)
    store.put([letter * 2_500_000 for letter in "abc"])  # the third is in a second segment
    sent = [store.next() for _ in "abc"]
    store.rewind()
    first, _ = sorted(tmp_path.rglob("*.log"))
    away = first.rename(tmp_path / "away")
    with pytest.raises(FileNotFoundError):
        store.next()
    away.rename(first)
    assert [store.next() for _ in "abc"] == sent


@pytest.mark.parametrize("broken", ["segment", "progress"])
def test_a_store_that_cannot_be_opened_leaves_no_file_open(tmp_path: Path, broken: str) -> None:
    whole = Store(tmp_path, 1, BIG)
    whole.put(["a"])
    whole.close()
    spool = tmp_path / "000000000002"
    spool.mkdir()
    if broken == "segment":
        (spool / "00000001.log").mkdir()
    else:
        (spool / "progress").symlink_to("/dev/full")
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(50):
        with pytest.raises(OSError, match=r"directory|space"):
            Store(tmp_path, 3, BIG)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_disk_that_cannot_note_the_last_acknowledgement_of_an_old_spool_does_not_hold_up_the_next(tmp_path: Path) -> None:
    Store(tmp_path, 1, BIG).put(["old"])
    store = Store(tmp_path, 2, BIG)
    store.put(["new"])
    old = store.next()
    assert old is not None
    full = os.open("/dev/full", os.O_RDWR)
    os.dup2(full, store.spools[0].file.file)
    os.close(full)
    with pytest.raises(OSError, match="No space"):
        store.acknowledge(old.id)
    assert drained(store) == ["new"]


def test_a_frame_that_is_larger_than_the_limit_is_taken_when_nothing_else_waits(tmp_path: Path) -> None:
    store = Store(tmp_path, 1, 1000)
    store.put(["small"])
    assert store.put(["x" * 3000]) == ["x" * 3000]
    assert drained(store) == ["small"]
    assert store.put(["x" * 3000]) == ()
    assert drained(store) == ["x" * 3000]


@pytest.mark.parametrize("again", [True, False], ids=["found by the next runner", "found while it runs"])
@pytest.mark.parametrize("damage", [b"1782900000000 one x\xff", b'1782900000000 1 ["\xff\xfe"', b"garbage", b"1 0 cursor"])
def test_a_damaged_line_is_left_out_its_file_is_kept_and_the_lines_around_it_go_on(tmp_path: Path, damage: bytes, again: bool) -> None:
    store = Store(tmp_path, 1, BIG)
    for frame in ("before", "x" * 40, "after"):
        store.put([frame])
    (segment,) = tmp_path.rglob("*.log")
    before, line, after = segment.read_bytes().splitlines(keepends=True)
    hurt = before + damage.ljust(len(line) - 1) + b"\n" + after
    segment.write_bytes(hurt)
    if again:
        store = Store(tmp_path, 2, BIG)
    assert drained(store) == ["before", "after"]
    assert store.frames == 0
    (aside,) = tmp_path.glob("damaged-*")
    assert aside.read_bytes() == hurt
    assert store.troubles == [f"Frames on disk were damaged and are left out; the file is kept as {aside}."]
