"""A call whose row is deleted leaves open pages without a reload."""

import pytest

from callcenter.calls.models import Call
from callcenter.calls.tombstones import delete_calls
from callcenter.live.socket import DENIED
from callcenter.operators.models import Operator
from tests.live.scene import Scene
from tests.live.stage import Stage


@pytest.fixture
def scene(stage: Stage) -> Scene:
    scene = Scene(stage)
    scene.write()
    scene.talk()
    stage.tick()
    return scene


def delete(scene: Scene) -> None:
    assert delete_calls(Call.objects.filter(call_uuid=scene.call.uuid))


def test_the_floor_loses_the_call_and_is_as_a_fresh_one(scene: Scene, oskar: Operator, ines: Operator):
    stage, north, south = scene.stage, scene.stage.open(oskar), scene.stage.open(ines)
    stage.look()
    assert scene.call.row in north.page.source
    south.told.clear()
    delete(scene)
    stage.look()
    assert scene.call.row not in [*north.page.ids("floor-progress"), *north.page.ids("floor-attention")]
    stage.check()
    assert south.told == []


def test_a_finished_call_that_is_deleted_is_not_counted_any_more(scene: Scene, oskar: Operator):
    stage = scene.stage
    scene.send(scene.call.ends())
    floor = stage.open(oskar)
    stage.look()
    delete(scene)
    stage.look()
    floor.check()


def test_the_page_of_the_call_is_closed_and_that_of_another_stays(scene: Scene, oskar: Operator):
    stage = scene.stage
    page, other = stage.open(oskar, f"/calls/{scene.call.uuid}/"), stage.open(oskar, f"/calls/{scene.whatsapp.uuid}/")
    stage.look()
    delete(scene)
    stage.look()
    assert page.closed == DENIED
    assert other.closed is None
    other.check()


def test_a_call_that_is_back_at_once_stays(scene: Scene, oskar: Operator):
    stage = scene.stage
    floor = stage.open(oskar)
    stage.look()
    delete(scene)
    scene.send(scene.call.heard("u9", "Are you there?"))
    stage.look()
    assert scene.call.row in floor.page.ids("floor-progress") + floor.page.ids("floor-attention")
    floor.check()
