"""Old page plus pushes equals fresh page, for every kind of change and every role. Who may not see it notices nothing."""

import pytest

from callcenter.operators.models import Operator
from tests.e2e.stories import Conversation
from tests.live.changes import CHANGES, SHOWN_ON
from tests.live.scene import Scene
from tests.live.stage import Stage

ROLES = ["oskar", *(pytest.param(name, marks=pytest.mark.slow) for name in ("supervisor", "reviewer", "admin"))]


@pytest.fixture
def scene(stage: Stage) -> Scene:
    """Somebody else's call is always there."""
    elsewhere = Conversation("Somebody Southern")
    stage.south.send(elsewhere.starts(), elsewhere.heard("s1", "In the south"))
    stage.tick()
    return Scene(stage)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("change", CHANGES)
def test_the_pushed_page_equals_the_fresh_one(
    scene: Scene, ines: Operator, change: str, role: str, request: pytest.FixtureRequest, settings
):
    """``settings`` is asked for because a change may set some."""
    reader: Operator = request.getfixturevalue(role)
    stage, story = scene.stage, CHANGES[change](scene)
    next(story)
    tabs = {"floor": stage.open(reader)}
    if scene.watched:
        tabs["page"] = stage.open(reader, f"/calls/{scene.watched}/")
    stranger = stage.open(ines, page=tabs["floor"].page)
    stage.look()
    before = {name: tab.page.lines() for name, tab in tabs.items()}
    stranger.told.clear()

    assert next(story, None) is None
    stage.look()
    fresh = {name: tab.check() for name, tab in tabs.items()}
    assert {name for name, tab in tabs.items() if tab.page.lines() != before[name]} == SHOWN_ON[change]
    assert stranger.told == []

    late = {name: stage.open(reader, tab.path, fresh[name]) for name, tab in tabs.items()}
    stage.look()
    assert {name: tab.page.lines() for name, tab in late.items()} == {name: tab.page.lines() for name, tab in tabs.items()}


def test_the_change_of_a_level_is_told_and_changes_no_element(scene: Scene, oskar: Operator):
    scene.talk()
    floor, page = scene.stage.open(oskar), scene.stage.open(oskar, f"/calls/{scene.call.uuid}/")
    scene.stage.look()
    before = floor.page.lines(), page.page.lines()
    scene.send(scene.call.louder("user", -30), scene.call.louder("bot", -60))
    scene.stage.look()
    assert floor.levels[f"{scene.call.row}-mc"] == page.levels["call-mc"] == 0.5
    assert floor.levels.get(f"{scene.call.row}-ma", 0) == page.levels["call-ma"] == 0
    assert (floor.page.lines(), page.page.lines()) == before
