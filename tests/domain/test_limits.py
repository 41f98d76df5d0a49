"""Silence makes a call stale; beyond the call's own limits it is lost. Contract G.5, F.2."""

import pytest

from callcenter.domain.limits import Limits, is_unanswered, lost, stale_since

NOW = 1_800_000_000.0
LIMITS = Limits()
UNLIMITED = Limits(0, 0, 0, 0, 0, 0)
CHANNELS = ["phone", "webrtc", "chat", "whatsapp"]


@pytest.mark.parametrize("channel", ["phone", "webrtc", "chat"])
@pytest.mark.parametrize(("silent", "stale"), [(0, False), (120, False), (121, True)])
def test_a_call_is_stale_after_two_minutes_without_a_signal(channel, silent, stale) -> None:
    assert stale_since(channel, "answered", NOW - silent, NOW, LIMITS) == (NOW - silent if stale else None)


def test_whatsapp_is_silent_by_nature() -> None:
    assert stale_since("whatsapp", "answered", NOW - 5000, NOW, LIMITS) is None


def test_a_completed_call_is_never_stale() -> None:
    assert stale_since("phone", "completed", NOW - 5000, NOW, LIMITS) is None


@pytest.mark.parametrize("channel", CHANNELS)
def test_without_limits_nothing_is_stale_or_lost(channel) -> None:
    assert stale_since(channel, "answered", 0, NOW, UNLIMITED) is None
    assert not lost(channel, 0, 0, NOW, UNLIMITED)


@pytest.mark.parametrize(("waited", "limits", "alone"), [(30, LIMITS, False), (31, LIMITS, True), (5000, UNLIMITED, False)])
def test_nobody_answers_a_contact_who_waited_for_more_than_half_a_minute(waited, limits, alone) -> None:
    assert is_unanswered(NOW - waited, NOW, limits) is alone


def test_nobody_waits_who_said_nothing() -> None:
    assert not is_unanswered(None, NOW, LIMITS)


@pytest.mark.parametrize("channel", ["phone", "webrtc"])
@pytest.mark.parametrize(
    ("age", "silent", "gone"),
    [(661, 121, True), (661, 120, False), (660, 660, False), (86_400, 10, False), (130, 130, False)],
)
def test_a_voice_call_is_lost_when_it_is_too_old_and_silent(channel, age, silent, gone) -> None:
    assert lost(channel, NOW - age, NOW - silent, NOW, LIMITS) is gone


@pytest.mark.parametrize(("silent", "gone"), [(1800, False), (1801, True)])
def test_a_chat_is_lost_after_half_an_hour_of_silence(silent, gone) -> None:
    assert lost("chat", NOW - 100_000, NOW - silent, NOW, LIMITS) is gone


@pytest.mark.parametrize(("silent", "gone"), [(86_400, False), (86_401, True)])
def test_a_whatsapp_session_is_lost_after_a_day_of_silence(silent, gone) -> None:
    assert lost("whatsapp", NOW - 200_000, NOW - silent, NOW, LIMITS) is gone


def test_the_limits_of_one_channel_do_not_hold_for_another() -> None:
    only_chat = Limits(voice_max_s=0, whatsapp_window_s=0)
    assert [lost(channel, 0, 0, NOW, only_chat) for channel in CHANNELS] == [False, False, True, False]
