"""Calls whose provider went silent: closed as lost by their limits, opened again by a sign of life."""

from typing import Any

import pytest
from django.db import OperationalError

from callcenter.calls.models import Call
from callcenter.ingest.silence import EVERY_S
from callcenter.ingest.writer import Writer
from callcenter.journal.models import Entry
from tests.ingest.frames import CALL, ended, frame, level, said, started
from tests.ingest.playing import Player, make_source

pytestmark = pytest.mark.django_db(transaction=True)

MINUTE = 60.0
HOUR = 3600.0


@pytest.fixture
def player() -> Player:
    return Player(make_source())


def look_after(player: Player, seconds: float) -> None:
    player.pass_time(seconds)
    for writer in player.writers:
        writer.silence.looked_at -= EVERY_S
        writer.tick(player.now)


def status(call: str = CALL) -> tuple[str, str]:
    row = Call.objects.get(call_uuid=call)
    return row.status, row.end_reason


LOST = ("completed", "lost")
LIVE = ("answered", "")


def test_a_voice_call_is_lost_when_it_is_silent_and_longer_than_any_call(player) -> None:
    player.send([started(None)])
    look_after(player, 10 * MINUTE)
    assert status() == LIVE
    look_after(player, 2 * MINUTE)
    assert status() == LOST
    assert Entry.objects.filter(event="call.lost", origin="console").count() == 1


def test_a_long_call_that_still_gives_signs_is_not_lost(player) -> None:
    player.send([started(None)])
    for _ in range(15):
        player.pass_time(MINUTE)
        player.send([level()])
    look_after(player, 1)
    assert status() == LIVE


def test_without_a_limit_no_voice_call_is_lost(settings) -> None:
    settings.VOICE_MAX_DURATION_S = 0
    player = Player(make_source())
    player.send([started(None)])
    look_after(player, 48 * HOUR)
    assert status() == LIVE


def chat(at: float | None = None) -> dict[str, Any]:
    return frame("chat.started", at, "chat-1", **{"from": "chat"})


def test_a_chat_is_lost_after_half_an_hour(player) -> None:
    player.send([chat()])
    look_after(player, 29 * MINUTE)
    assert status("chat-1") == LIVE
    look_after(player, 2 * MINUTE)
    assert status("chat-1") == LOST


def message(session: str, at: float) -> dict[str, Any]:
    return {
        "event": "whatsapp.message", "agent_id": "frontdesk", "session_id": session, "from": "447700900983", "type": "text",
        "text": f"message {at}", "message_id": f"in{at}", "paused": False,
    }  # fmt: skip


def test_a_whatsapp_session_is_lost_a_day_after_its_last_message(player) -> None:
    player.send([message("wa-1", 1)])
    look_after(player, 23 * HOUR)
    assert status("wa-1") == LIVE
    look_after(player, 2 * HOUR)
    assert status("wa-1") == LOST


def test_a_whatsapp_session_is_over_when_a_new_one_begins(player) -> None:
    player.send([message("wa-1", 1)])
    player.pass_time(HOUR)
    player.send([message("wa-2", 2)])
    look_after(player, 1)
    assert (status("wa-1"), status("wa-2")) == (LOST, LIVE)


def lose(player: Player) -> None:
    player.send([started(None)])
    look_after(player, 15 * MINUTE)
    assert status() == LOST


@pytest.mark.parametrize("sign", [level(), said(None, "hello"), frame("user.speaking", None, text="hel")])
def test_a_live_frame_opens_a_lost_call_again(player, sign) -> None:
    lose(player)
    player.send([sign])
    assert status() == LIVE
    look_after(player, 1)
    assert status() == LIVE


def test_the_real_end_replaces_the_consoles_own(player) -> None:
    lose(player)
    player.send([ended(None, duration_seconds=42.5)])
    row = Call.objects.get()
    assert (row.status, row.end_reason, row.duration_s) == ("completed", "hangup", 42.5)


@pytest.mark.parametrize(
    "late",
    [
        frame("message.confirmed", None, message_id="m1", text="hello"),
        frame("bot.finished", None, message_id="m1"),
        frame("memory.ops", None, ops=[]),
    ],
)
def test_a_late_confirmation_opens_nothing(player, late) -> None:
    lose(player)
    player.send([late])
    assert status() == LOST


def test_a_call_is_lost_again_after_it_was_found(player) -> None:
    lose(player)
    player.send([level()])
    look_after(player, 15 * MINUTE)
    assert status() == LOST


def test_a_lost_call_ended_when_it_was_last_heard(player) -> None:
    player.send([started(None)])
    player.pass_time(30)
    player.send([said(None, "hello")])
    heard = player.now
    look_after(player, 15 * MINUTE)
    assert Call.objects.get().ended_at == heard


def snapshot(*calls: str) -> dict[str, Any]:
    return {"event": "bridge.snapshot", "agent": "frontdesk", "calls": [{"callId": call} for call in calls]}


def test_a_session_whose_beginning_is_not_known_is_older_than_one_that_began(player) -> None:
    player.send([message("wa-1", 1)])
    player.send([message("wa-2", 2)])
    Call.objects.filter(call_uuid="wa-1").update(started_at=None)
    look_after(player, 1)
    assert (status("wa-1"), status("wa-2")) == (LOST, LIVE)


def test_voice_calls_that_a_bridge_does_not_know_any_more_are_lost(player) -> None:
    player.send([started(None), started(None, "CA2"), chat(), message("wa-1", 1)])
    player.pass_time(10)
    player.send([snapshot("CA2")])
    look_after(player, 1)
    assert [status(call) for call in (CALL, "CA2", "chat-1", "wa-1")] == [LOST, LIVE, LOST, LIVE]


def test_a_call_that_began_after_the_bridge_counted_is_not_lost(player) -> None:
    player.send([snapshot()])
    player.send([started(None)])
    look_after(player, 1)
    assert status() == LIVE


def test_a_call_that_began_after_the_bridge_counted_is_not_lost_though_nobody_looks_for_long(player) -> None:
    player.send([snapshot()])
    player.pass_time(1)
    player.send([started(None)])
    look_after(player, MINUTE)
    assert status() == LIVE


@pytest.mark.parametrize("breaks", ["callcenter.ingest.silence.store", "callcenter.ingest.batch.append"])
def test_what_a_bridge_does_not_know_is_lost_though_it_could_not_be_committed_at_first(player, monkeypatch, breaks: str) -> None:
    def broken(*_arguments: object) -> None:
        raise OperationalError("the database is away")

    player.send([started(None)])
    player.pass_time(10)
    player.send([snapshot()])
    with monkeypatch.context() as patch:
        patch.setattr(breaks, broken)
        with pytest.raises(OperationalError):
            look_after(player, 1)
    player.settle()  # a commit between two looks
    assert status() == LIVE
    look_after(player, MINUTE)
    assert status() == LOST


def test_a_list_counts_once(player) -> None:
    player.send([started(None)])
    player.pass_time(10)
    player.send([snapshot()])
    look_after(player, 1)
    player.send([level()])
    look_after(player, 1)
    assert status() == LIVE


def test_of_two_lists_of_an_agent_the_newer_one_is_right(player) -> None:
    player.send([started(None)])
    player.pass_time(10)
    player.send([snapshot()])
    player.send([snapshot(CALL)])
    look_after(player, 1)
    assert status() == LIVE


def test_a_snapshot_of_one_agent_says_nothing_of_another(player) -> None:
    player.send([{**started(None), "agent_id": "billing"}])
    player.pass_time(10)
    player.send([snapshot()])
    look_after(player, 1)
    assert status() == LIVE


def test_hundreds_of_silent_whatsapp_sessions_do_not_hide_a_lost_call(player) -> None:
    for start in range(0, 600, 200):
        player.send([{**message(f"wa-{n}", n), "from": f"4477{n:08d}"} for n in range(start, start + 200)])
    player.pass_time(MINUTE)
    player.send([started(None)])
    look_after(player, 15 * MINUTE)
    assert status() == LOST


def test_a_call_lost_in_one_process_is_found_by_another(player) -> None:
    player.writers.append(Writer())
    player.send([started(None)], 0)
    player.send([said(None, "hello")], 1)
    player.pass_time(15 * MINUTE)
    player.writers[0].silence.looked_at -= EVERY_S
    player.writers[0].tick(player.now)
    assert status() == LOST
    player.send([said(None, "are you there")], 1)
    assert status() == LIVE
    assert Call.objects.get().heard_at == player.now
