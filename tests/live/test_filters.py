"""Every filter of the floor holds for the pushes too, and a floor shows no more rows than it can."""

import itertools

import pytest

from callcenter.calls.models import Agent, Call
from callcenter.journal.revision import next_revision
from callcenter.operators.models import Operator
from tests.e2e.stories import Conversation
from tests.live.scene import Scene
from tests.live.stage import Stage
from tests.live.tab import Tab

WINDOW = 20
FILTERS = [
    "", "?status=attention", "?status=ringing", "?status=dialing", "?status=held", "?status=answered", "?status=nonsense",
    "?channel=whatsapp", "?channel=phone", "?agent=frontdesk", "?agent=orders", "?holder=agent", "?holder=operator",
    "?q=lena", "?q=LENA", "?q=900983", "?q=boiler", "?q=%3Cscript%3E", "?channel=phone&status=answered&q=lena",
]  # fmt: skip


@pytest.fixture
def scene(stage: Stage) -> Scene:
    return Scene(stage)


def test_every_filter_holds_while_the_floor_moves(scene: Scene, oskar: Operator):
    tabs = {filters: scene.stage.open(oskar, f"/{filters}") for filters in FILTERS}
    second = Conversation("Lena's sister", agent="orders")
    steps = [
        [scene.call.rings(), second.frame("call.dialing")],
        [scene.call.starts(), second.starts(), scene.whatsapp.opens(), scene.whatsapp.writes("wamid.1", "my boiler leaks")],
        [scene.call.held(), second.heard("u1", "the boiler again"), scene.call.hears("u5", "no boiler yet")],
        [second.runs_out_of_credit(), scene.call.unheld(), scene.whatsapp.answers("We will come")],
        [scene.call.ends(), second.heard("u2", "something else")],
    ]
    seen: dict[str, set[str]] = {filters: set() for filters in FILTERS}
    for number, frames in enumerate(steps):
        scene.send(*frames)
        scene.stage.look()
        if number in (2, 4):
            scene.stage.check()
        for filters, tab in tabs.items():
            seen[filters] |= set(rows_of(tab))
    lena, sister, noor = scene.call.row, second.row, f"row-{scene.whatsapp.uuid}"
    assert seen == {
        "": {lena, sister, noor},
        "?status=attention": {sister},
        "?status=ringing": {lena, sister},
        "?status=dialing": {lena, sister},
        "?status=held": {lena},
        "?status=answered": {lena, sister, noor},
        "?status=nonsense": set(),
        "?channel=whatsapp": {noor},
        "?channel=phone": {lena, sister},
        "?agent=frontdesk": {lena, noor},
        "?agent=orders": {sister},
        "?holder=agent": {lena, sister, noor},
        "?holder=operator": set(),
        "?q=lena": {lena, sister},
        "?q=LENA": {lena, sister},
        "?q=900983": {noor},
        "?q=boiler": {noor, sister},
        "?q=%3Cscript%3E": set(),
        "?channel=phone&status=answered&q=lena": {lena, sister},
    }


def rows_of(tab: Tab) -> list[str]:
    return tab.page.ids("floor-attention") + tab.page.ids("floor-progress")


def test_a_call_held_by_an_operator_is_told_apart(scene: Scene, oskar: Operator):
    """The holder is the console's own fact: a row that changes with a revision."""
    scene.talk()
    scene.type()
    tabs = [scene.stage.open(oskar, path) for path in ("/", "/?holder=operator", "/?holder=agent", f"/calls/{scene.call.uuid}/")]
    scene.stage.look()
    Call.objects.filter(call_uuid=scene.call.uuid).update(holder=oskar, revision=next_revision())
    scene.stage.look()
    scene.stage.check()
    assert rows_of(tabs[1]) == [scene.call.row]
    assert rows_of(tabs[2]) == [f"row-{scene.chat.uuid}"]
    assert "held by oskar" in tabs[3].page.words("call-head")


def test_beyond_the_window_calls_wait_for_a_place(scene: Scene, oskar: Operator, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("callcenter.console.floor.WINDOW", WINDOW)
    calls = [Conversation() for _ in range(WINDOW + 3)]
    scene.send(*itertools.chain.from_iterable([call.starts()] for call in calls))
    floor = scene.stage.open(oskar)
    scene.stage.look()
    assert len(rows_of(floor)) == WINDOW
    assert floor.page.words("floor-empty").startswith("3 more calls match")
    assert floor.page.words("floor-n-all") == str(WINDOW + 3)
    scene.send(calls[0].ends(), calls[-1].runs_out_of_credit())
    scene.stage.look()
    assert floor.page.ids("floor-attention") == [calls[-1].row]
    assert len(rows_of(floor)) == WINDOW
    floor.check()


def test_a_new_agent_appears_in_a_filter_that_names_it(scene: Scene, oskar: Operator):
    floor = scene.stage.open(oskar, "/?agent=orders")
    scene.stage.look()
    assert not Agent.objects.exists()
    call = Conversation(agent="orders")
    scene.send(call.starts())
    scene.stage.look()
    assert rows_of(floor) == [call.row]
    floor.check()
