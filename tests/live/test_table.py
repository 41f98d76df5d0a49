"""The table of live calls holds what is live, and nothing else, however long somebody looks."""

import pytest

from callcenter.calls import live_state
from callcenter.calls.live_state import store
from callcenter.operators.models import Operator
from tests.e2e.stories import Conversation
from tests.live.scene import Scene
from tests.live.stage import Stage


def test_a_contact_is_remembered_for_as_long_as_a_call_of_theirs_lives(stage: Stage, oskar: Operator) -> None:
    scene = Scene(stage)
    again = Conversation("Lena H. Hoffmann", number=scene.call.number)
    scene.talk()
    tab = stage.open(oskar)
    stage.look()
    scene.send(again.starts())
    stage.look()
    assert tab.check().text().count("Lena H. Hoffmann") >= 2
    assert list(stage.desk.table.names.values()) == ["Lena H. Hoffmann"]
    scene.send(scene.call.ends())
    stage.look_without_hints()
    assert len(stage.desk.table.names) == 1
    scene.send(again.ends())
    stage.look_without_hints()
    assert stage.desk.table.names == {}


def test_ingest_is_told_which_calls_are_looked_at(stage: Stage, oskar: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_state, "ASK_S", 0.0)
    scene = Scene(stage)
    scene.talk()
    stage.look()
    assert scene.call.uuid not in store().watched()
    stage.open(oskar)
    stage.look()
    assert scene.call.uuid in store().watched()
