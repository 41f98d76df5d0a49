"""What lies on disk belongs to one database: another one's is told of and left, its own is read whatever number the run had."""

import json
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync

from callcenter.ingest.runner.outbound import Outbound
from callcenter.ingest.runner.store import Store
from callcenter.journal.models import Connection, RunnerLease
from callcenter.journal.outbound.lease import read_lease

BIG = 10_000_000


def open_store(spools: Path, installation: str, fence: int, slug: str = "berlin", pk: int = 1) -> Store:
    """As the runner opens it."""

    async def never(*_: Any) -> None:
        raise AssertionError("nothing is asked of the database here")

    return async_to_sync(Outbound(Connection(pk=pk, slug=slug), installation, fence, lambda: True, never)._open_store)()


@pytest.fixture
def spools(tmp_path: Path, settings: Any) -> Path:
    settings.VAR_DIR = tmp_path
    return tmp_path / "spool"


def waiting(store: Store) -> list[Any]:
    found: list[Any] = []
    while (envelope := store.next()) is not None:
        found += json.loads(envelope.text)["frames"]
        store.acknowledge(envelope.id)
    return found


@pytest.mark.parametrize("pk", [1, 7], ids=["with the same key", "with another key"])
def test_frames_of_another_database_are_told_of_and_neither_sent_nor_touched(spools: Path, pk: int):
    older = open_store(spools, "older", 9, pk=pk)
    older.put(["precious"])
    older.remember("log:frontdesk", "700")
    older.close()
    store = open_store(spools, "newer", 1)
    (words,) = store.troubles
    assert f"Frames of another database, or of an earlier connection of this name, lie in {spools / f'{pk}-berlin' / 'older'}" in words
    assert (waiting(store), store.cursors) == ([], {})
    store.close()
    assert open_store(spools, "newer", 2, slug="lin").troubles == []
    back = open_store(spools, "older", 10, pk=pk)
    assert (waiting(back), back.cursors) == (["precious"], {"log:frontdesk": "700"})


def test_a_folder_of_another_database_without_frames_is_no_trouble(spools: Path):
    older = open_store(spools, "older", 9)
    older.put(["sent long ago"])
    waiting(older)
    older.remember("log:frontdesk", "700")
    assert open_store(spools, "newer", 1).troubles == []
    older.close()
    assert open_store(spools, "newer", 2).troubles == []


def test_a_file_that_somebody_left_beside_the_folders_stops_nothing(spools: Path):
    open_store(spools, "older", 9).close()
    (spools / "1-berlin" / "notes.txt").write_text("moved away on Monday")
    assert open_store(spools, "newer", 1).troubles == []


def test_after_an_older_copy_of_the_database_came_back_the_frames_of_later_runs_are_sent(tmp_path: Path):
    later = Store(tmp_path, 7, BIG)
    later.put(["of the seventh run"])
    later.close()
    store = Store(tmp_path, 3, BIG)
    store.put(["of the third"])
    assert waiting(store) == ["of the seventh run", "of the third"]


def test_a_runner_that_was_replaced_leaves_the_spool_of_its_successor_alone(tmp_path: Path):
    successor = Store(tmp_path, 7, BIG)
    successor.put(["taken by the successor"])
    replaced = Store(tmp_path, 3, BIG)
    assert waiting(replaced) == []
    assert waiting(successor) == ["taken by the successor"]


def test_two_copies_of_a_database_do_not_write_into_each_other(tmp_path: Path):
    one = Store(tmp_path, 7, BIG)
    with pytest.raises(OSError, match="another process has it open"):
        Store(tmp_path, 7, BIG)
    one.close()
    Store(tmp_path, 7, BIG).close()


def test_each_database_has_a_name_of_its_own_that_stays(db: None):
    name = read_lease().installation
    assert len(name) == 32
    assert read_lease().installation == name
    assert RunnerLease(pk=1).installation != name
