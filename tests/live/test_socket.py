"""One browser that falls behind, looks away or goes: it costs nobody anything, and gets one whole view when it is back."""

import asyncio
import json
from contextlib import suppress

import pytest

from callcenter.live.desk import Frame
from callcenter.live.socket import DENIED, QUEUE, SIGNED_OUT, UNSEEN_FRAMES, Reader, Socket
from callcenter.operators.models import Operator
from tests.e2e.stories import Conversation
from tests.live.scene import Scene
from tests.live.stage import Stage
from tests.live.tab import Tab, nowhere
from tests.servers import WAIT_S

WHOLE = 'hx-target="#floor-progress" hx-swap="innerMorph"'


@pytest.fixture
def scene(stage: Stage) -> Scene:
    made = Scene(stage)
    made.talk()
    return made


@pytest.fixture
def socket() -> Socket:
    """Its first whole view is granted."""
    made = Socket(Reader(1, "", ""), None, nowhere, nowhere)
    made.granted = made.wishes
    return made


def changed(number: int = 0) -> Frame:
    return Frame(number, [f'<hx-edit hx-target="#a" hx-swap="textContent">{number}</hx-edit>'])


def taken(socket: Socket) -> list[str]:
    """What the network took meanwhile."""
    found = []
    while not socket.queue.empty():
        found.append(str(socket.queue.get_nowait()))
    return found


def frames_of(messages: list[str]) -> list[int]:
    return [data["frame"] for message in messages if "frame" in (data := json.loads(message))]


# The whole way


def test_a_browser_that_confirms_nothing_gets_eight_frames_and_then_one_whole_view(scene: Scene, oskar: Operator):
    tab = scene.stage.open(oskar)
    for number in range(20):
        scene.send(scene.call.heard(f"x{number}", f"Line {number}"))
        scene.stage.deliver()
        tab.read(confirm=False)
    assert frames_of(tab.told) == list(range(1, UNSEEN_FRAMES + 1))
    assert f"Line {UNSEEN_FRAMES}" not in "".join(tab.told)
    tab.told.clear()
    for frame in range(1, UNSEEN_FRAMES + 1):
        scene.stage.deliver()
        assert tab.socket.queue.empty()
        tab.socket.confirm(frame)
    scene.stage.look()
    [html] = [data["content"] for message in tab.told if "content" in (data := json.loads(message))]
    assert WHOLE in html
    tab.check()


def test_a_browser_that_lags_does_not_hold_up_the_others(scene: Scene, oskar: Operator, reviewer: Operator):
    slow, swift = scene.stage.open(oskar), scene.stage.open(reviewer)
    for number in range(20):
        scene.send(scene.call.heard(f"x{number}", f"Line {number}"))
        scene.stage.deliver()
        swift.read()
        assert f"Line {number}" in swift.page.words(f"{scene.call.row}-last")
    assert slow.socket.lagging
    swift.check()


def test_a_browser_without_room_for_levels_is_current_again_when_there_is(scene: Scene, oskar: Operator):
    """Levels come ten times a second: a line that stands still for some seconds must not end the pushes for good."""
    tab = scene.stage.open(oskar)
    scene.stage.look()
    for number in range(QUEUE * 2):
        scene.send(scene.call.louder("user", -20 - number % 30))
        scene.stage.deliver()
    assert not tab.socket.lagging
    scene.send(scene.call.heard("u1", "The newest line"))
    scene.stage.deliver()
    for _ in range(2):  # what was queued, then the whole view
        tab.read()
        tab.socket.confirm(tab.socket.sent)
        scene.stage.look()
    assert "The newest line" in tab.page.text()
    tab.check()


def test_a_hidden_tab_hears_only_how_many_calls_need_a_human(scene: Scene, oskar: Operator):
    tab = scene.stage.open(oskar)
    scene.stage.look()
    tab.show(visible=False)
    tab.told.clear()
    scene.send(scene.call.heard("u1", "Anybody?"), scene.call.louder("user", -10))
    scene.stage.look()
    assert tab.told == []
    scene.send(scene.call.runs_out_of_credit())
    scene.stage.look()
    scene.stage.look()
    assert tab.told == ['{"attention":1}']
    tab.show(visible=True)
    scene.stage.look()
    tab.check()


def test_a_tab_that_was_never_seen_is_told_the_figure_once_and_shown_when_it_comes_up(scene: Scene, oskar: Operator):
    scene.send(scene.call.runs_out_of_credit())
    tab = scene.stage.open(oskar)
    tab.socket.visible = False
    for _ in range(3):
        scene.stage.look()
    assert tab.told == ['{"attention":1}']
    tab.show(visible=True)
    scene.stage.look()
    tab.check()


def test_two_tabs_of_one_screen_are_drawn_once_and_told_the_same(scene: Scene, oskar: Operator, reviewer: Operator):
    tabs = [scene.stage.open(person) for person in (oskar, reviewer, oskar)]
    scene.stage.look()
    scene.send(scene.call.heard("u1", "For everybody"))
    scene.stage.look()
    assert len(scene.stage.desk.screens) == 1
    assert tabs[0].told == tabs[1].told == tabs[2].told


def test_a_screen_that_nobody_shows_any_more_is_forgotten(scene: Scene, oskar: Operator):
    scene.stage.open(oskar)
    scene.stage.open(oskar, f"/calls/{scene.call.uuid}/")
    scene.stage.look()
    assert len(scene.stage.desk.screens) == 2
    scene.stage.tabs.pop()
    scene.stage.look()
    assert len(scene.stage.desk.screens) == 1


def test_a_page_that_changes_its_view_gets_the_other_screen(scene: Scene, oskar: Operator):
    tab = scene.stage.open(oskar)
    scene.stage.look()
    tab.socket.view, tab.socket.wishes = {"screen": "floor", "status": "held"}, tab.socket.wishes + 1
    scene.stage.look()
    assert tab.page.ids("floor-progress") == []


STRANGE_VIEWS: list[object] = [
    None, 7, [], "floor", {}, {"screen": "admin"}, {"screen": "call"}, {"screen": "call", "call": 5},
    {"screen": "call", "call": "a\x00b"}, {"screen": "call", "call": "a" * 5000},
]  # fmt: skip


@pytest.mark.parametrize("view", STRANGE_VIEWS)
def test_a_view_that_is_none_is_denied_and_disturbs_nobody(scene: Scene, oskar: Operator, view: object):
    strange, other = scene.stage.open(oskar), scene.stage.open(oskar)
    strange.socket.view = view
    scene.stage.look()
    assert (strange.closed, strange.told) == (DENIED, [])
    other.check()


def test_filters_of_a_wrong_type_are_as_good_as_none(scene: Scene, oskar: Operator):
    tab = scene.stage.open(oskar)
    tab.socket.view = {"screen": "floor", "q": ["x"], "status": None, "agent": {"a": 1}, "more": "things"}
    scene.stage.look()
    tab.check()


# The socket alone


def test_a_frame_that_has_no_room_is_left_out_as_a_whole(socket: Socket):
    for _ in range(QUEUE - 1):
        socket.say('{"now":1}')
    socket.put(Frame(1, ["<a>", "<b>"]))
    assert taken(socket) == ['{"now":1}'] * (QUEUE - 1)
    assert (socket.sent, socket.lagging) == (0, True)


def test_heartbeats_that_pile_up_do_no_harm(socket: Socket):
    for _ in range(QUEUE * 3):
        socket.say('{"now":1}')
    assert not socket.lagging
    assert len(taken(socket)) == QUEUE
    socket.put(changed())
    assert frames_of(taken(socket)) == [1]


def test_a_change_too_large_to_queue_becomes_a_whole_view(socket: Socket):
    before = socket.wishes
    socket.put(Frame(1, ["<hx-edit></hx-edit>"] * (QUEUE + 1)))
    assert (socket.lagging, socket.wishes, socket.fresh) == (False, before + 1, True)
    assert taken(socket) == []


def test_nothing_is_put_while_it_lags(socket: Socket):
    for number in range(UNSEEN_FRAMES + 3):
        socket.put(changed(number))
    assert frames_of(taken(socket)) == list(range(1, UNSEEN_FRAMES + 1))
    assert not socket.wants()
    assert [socket.confirm(number) for number in range(1, UNSEEN_FRAMES + 1)] == [False] * (UNSEEN_FRAMES - 1) + [True]
    assert socket.wants()
    assert socket.fresh


def test_greeting_anew_ends_a_lag_and_settles_what_was_sent(socket: Socket):
    for number in range(UNSEEN_FRAMES + 1):
        socket.put(changed(number))
    assert socket.lagging
    taken(socket)
    socket.greet({"screen": "floor"})
    assert (socket.wants(), socket.view) == (True, {"screen": "floor"})
    socket.put(Frame(1, ["<a>"], greet=True))
    assert frames_of(taken(socket)) == [UNSEEN_FRAMES + 1]
    assert not socket.confirm(UNSEEN_FRAMES)  # late, and no news


def test_greeting_anew_on_a_line_that_stands_still_waits_for_it(socket: Socket):
    for _ in range(QUEUE):
        socket.say('{"now":1}')
    socket.greet({"screen": "floor"})
    socket.put(Frame(1, ["<a>"], greet=True))
    assert (socket.lagging, len(taken(socket))) == (True, QUEUE)
    assert socket.confirm(0)  # as when the line has moved
    assert socket.wants()


@pytest.mark.parametrize("frame", [-5, 0, 99, 10**30])
def test_a_confirmation_of_what_was_never_sent_counts_for_nothing_more(socket: Socket, frame: int):
    socket.put(changed())
    socket.confirm(frame)
    assert socket.seen == min(max(frame, 0), 1)


async def test_a_lag_with_nothing_to_confirm_ends_when_the_line_moves_again():
    moves = asyncio.Event()

    async def send(_message: str) -> None:
        await moves.wait()

    socket = Socket(Reader(1, "", ""), None, send, nowhere)
    socket.granted = socket.wishes
    socket.start()
    for _ in range(QUEUE):
        socket.say('{"now":1}')
    socket.put(changed())
    assert (socket.lagging, socket.fresh) == (True, False)
    moves.set()
    async with asyncio.timeout(WAIT_S):
        while socket.lagging:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert socket.fresh
    socket.stop()


def test_levels_do_not_need_a_confirmation(socket: Socket):
    socket.put(Frame(1, levels={"a": 0.5}))
    assert [json.loads(message) for message in taken(socket)] == [{"levels": {"a": 0.5}}]
    assert socket.sent == 0


@pytest.mark.parametrize(("verb", "code"), [("deny", DENIED), ("sign_out", SIGNED_OUT)])
def test_the_end_overtakes_what_is_queued_and_nothing_follows_it(socket: Socket, verb: str, code: int):
    socket.put(changed())
    getattr(socket, verb)()
    getattr(socket, verb)()
    assert taken(socket) == [str(code)]
    assert not socket.wants()


def test_a_frame_is_one_message():
    frame = Frame(7, ["<a>"], {"m": 0.25}, attention=2)
    assert frame.messages(3) == ['{"frame":3,"rev":7,"state":"live","levels":{"m":0.25},"attention":2,"content":"<a>"}']
    assert frame.messages(4, ask=True) == [
        '{"frame":4,"ask":true,"rev":7,"state":"live","levels":{"m":0.25},"attention":2,"content":"<a>"}'
    ]
    assert Frame(7).messages(1) == []
    assert Frame(7, greet=True).messages(1) == ['{"rev":7,"state":"live"}']
    assert Frame(7, levels={"m": 0.5}).messages(1, ask=True) == ['{"levels":{"m":0.5}}']


def test_the_data_of_a_frame_in_portions_comes_with_the_last():
    assert Frame(7, ["<a>", "<b>"]).messages(3) == ['{"content":"<a>"}', '{"frame":3,"rev":7,"state":"live","content":"<b>"}']


# Errors


FAILURES = {
    "the revision": "callcenter.live.table.current_revision",
    "the live state": "callcenter.live.table.store",
    "the rows of one call": "callcenter.live.callscreen.load_parts",
    "the ended calls": "callcenter.live.table.count_ended_today",
    "a template": "callcenter.live.screens.render_to_string",
    "the connections": "callcenter.live.table.connection_view",
}


@pytest.mark.parametrize("broken", FAILURES)
def test_what_fails_once_is_made_good_by_the_next_look(scene: Scene, oskar: Operator, monkeypatch: pytest.MonkeyPatch, broken: str):
    tabs: list[Tab] = [scene.stage.open(oskar), scene.stage.open(oskar, f"/calls/{scene.call.uuid}/")]
    scene.stage.look()
    scene.send(scene.call.heard("u1", "Said while something was broken"))
    ended = Conversation()
    scene.send(ended.starts(), ended.ends())

    def fail(*_arguments: object) -> None:
        raise ConnectionError(broken)

    with monkeypatch.context() as patch:
        patch.setattr(FAILURES[broken], fail)
        scene.stage.later()
        with suppress(ConnectionError):  # then the hub waits a moment and looks again
            scene.stage.look()
    scene.stage.look()
    scene.stage.check()
    assert all("Said while something was broken" in tab.page.text() for tab in tabs)


def test_a_screen_that_cannot_be_drawn_does_not_stop_the_others(scene: Scene, oskar: Operator, monkeypatch: pytest.MonkeyPatch):
    floor, page = scene.stage.open(oskar), scene.stage.open(oskar, f"/calls/{scene.call.uuid}/")
    scene.stage.look()

    def fail(*_arguments: object) -> None:
        raise ValueError("cannot be drawn")

    with monkeypatch.context() as patch:
        patch.setattr("callcenter.live.callscreen.call_view", fail)
        scene.send(scene.call.heard("u1", "Hello?"))
        scene.stage.look()
        floor.check()
    assert page.closed is None
    scene.stage.look()
    page.check()
