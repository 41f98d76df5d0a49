"""What the floor says of a call: its state in words, who speaks, what needs a human, and where it stands."""

from typing import Any

import pytest
from msgspec.structs import replace

from callcenter.calls.live_state import LiveLine
from callcenter.console.view import Badge
from callcenter.journal.models import Connection, ConnectionHealth
from tests.console.calls import NOW, TEAM, a_call, a_contact, ago, an_agent, an_operator, being_said, live, row


@pytest.mark.parametrize(
    ("values", "activity", "state", "tone"),
    [
        ({"status": "ringing"}, "", "Ringing", "ring"),
        ({"status": "dialing"}, "", "Dialing", "ring"),
        ({}, "", "Agent listening", "ai"),
        ({}, "contact_speaking", "Caller speaking", "ai"),
        ({"direction": "outbound"}, "contact_speaking", "Contact speaking", "ai"),
        ({}, "thinking", "Agent thinking", "ai"),
        ({"holder": an_operator()}, "thinking", "Operator listening", "human"),
        ({"agent": an_agent(paused=True)}, "thinking", "Agent paused", "ai"),
        ({"agent": an_agent(paused_calls=["CA1"])}, "", "Agent paused", "ai"),
        ({"agent": an_agent(paused=True)}, "contact_speaking", "Caller speaking", "ai"),
        ({"agent": an_agent(paused=True), "holder": an_operator()}, "thinking", "Operator listening", "human"),
        ({"agent": an_agent(paused=True), "holder": an_operator()}, "agent_speaking", "Operator speaking", "human"),
        ({"holder": an_operator()}, "agent_speaking", "Agent speaking", "human"),
        ({"agent": an_agent(paused=True), "channel": "chat", "last_speaker": "contact"}, "listening", "Writing", "ai"),
        ({"agent": an_agent(paused=True), "channel": "whatsapp", "last_speaker": "agent"}, "", "Waiting for contact", "ai"),
        ({}, "agent_speaking", "Agent speaking", "ai"),
        ({}, "listening", "Agent listening", "ai"),
        ({"holder": an_operator()}, "contact_speaking", "Caller speaking", "human"),
        ({"held": True}, "agent_speaking", "On hold", "hold"),
        ({"channel": "whatsapp", "last_speaker": "contact"}, "listening", "Writing", "ai"),
        ({"channel": "chat", "last_speaker": "agent"}, "", "Waiting for contact", "ai"),
        ({"channel": "whatsapp", "last_speaker": "contact"}, "", "Waiting for an answer", "ai"),
        ({"heard_at": ago(200)}, "", "No signal", "alert"),
        ({"heard_at": ago(200), "held": True}, "", "No signal", "alert"),
        ({"status": "completed", "heard_at": ago(900)}, "agent_speaking", "Ended", "idle"),
        ({"unanswered_since": ago(31)}, "listening", "Waiting for an answer", "ai"),
        ({"unanswered_since": ago(31), "holder": an_operator()}, "", "Waiting for an answer", "human"),
        ({"unanswered_since": ago(31), "agent": an_agent(paused=True)}, "", "Waiting for an answer", "ai"),
        ({"unanswered_since": ago(31)}, "contact_speaking", "Caller speaking", "ai"),
    ],
)
def test_the_state_is_said_in_words_that_match_its_tone(values: dict[str, Any], activity: str, state: str, tone: str):
    shown = row(a_call(**values), live(activity=activity) if activity else None)
    assert (shown.state, shown.tone) == (state, tone)
    assert shown.speaking is (state in ("Agent speaking", "Operator speaking"))


def test_live_frames_keep_a_call_from_becoming_stale_and_its_age_counts_from_the_last_of_any_kind():
    quiet = a_call(heard_at=ago(900))
    assert row(quiet).stale_since_ms == round(ago(900).timestamp() * 1000)
    assert row(quiet, live(heard=ago(5).timestamp())).stale_since_ms is None
    assert row(quiet, live(heard=ago(300).timestamp())).stale_since_ms == round(ago(300).timestamp() * 1000)


@pytest.mark.parametrize(("channel", "provider", "metered"), [
    ("phone", "pinecall", True), ("webrtc", "pinecall", True), ("chat", "pinecall", False), ("phone", "sippet", False),
])  # fmt: skip
def test_meters_are_drawn_where_somebody_measures(channel: str, provider: str, metered: bool):
    connection = Connection(pk=1, slug="berlin", provider=provider, team=TEAM)
    assert row(channel=channel, connection=connection).metered is metered


def test_a_line_that_is_down_shows_no_level_and_nobody_speaking_on_a_row_that_is_dimmed():
    ours = Connection(pk=1, slug="berlin", provider="pinecall", kind="pinecall-direct", team=TEAM)
    ours.runner_seen_at = NOW  # type: ignore[attr-defined]
    ConnectionHealth(connection=ours, fence=1, line="waiting", words="Nothing answers.")
    shown = row(a_call(connection=ours), live(activity="agent_speaking"))
    assert (shown.down, shown.metered, shown.speaking) == (True, False, False)
    assert [badge.label for badge in shown.badges] == ["Line down, may be out of date"]
    shown = row(a_call(connection=ours, unanswered_since=ago(60)))
    assert [badge.label for badge in shown.badges] == ["Line down, may be out of date", "No answer seen"]


def test_of_a_call_without_a_signal_nobody_claims_that_it_is_not_answered():
    shown = row(a_call(heard_at=ago(200), unanswered_since=ago(190)))
    assert [badge.label for badge in shown.badges] == ["No answer seen"]


def test_of_a_call_that_an_operator_holds_nobody_says_that_nobody_answers():
    held = a_call(holder=an_operator(), unanswered_since=ago(60))
    assert [badge.label for badge in row(held).badges] == ["No answer yet"]
    held.heard_at = ago(200)
    assert [badge.label for badge in row(held).badges] == ["No answer seen"]


def test_whatsapp_is_silent_by_nature():
    assert row(channel="whatsapp", heard_at=ago(80_000)).group == "progress"


@pytest.mark.parametrize(
    ("values", "group"),
    [
        ({}, "progress"),
        ({"heard_at": ago(121)}, "attention"),
        ({"unanswered_since": ago(31)}, "attention"),
        ({"unanswered_since": ago(29)}, "progress"),
        ({"unanswered_since": ago(31), "agent": an_agent(paused=True)}, "attention"),
        ({"unanswered_since": ago(31), "holder": an_operator()}, "attention"),
        ({"alarm": "credits_exhausted"}, "attention"),
        ({"alarm": "max_duration"}, "attention"),
        ({"alarm": "something_new"}, "attention"),
        ({"agent": an_agent(unverified_since=NOW)}, "attention"),
        ({"agent": an_agent(paused=True)}, "progress"),
        ({"muted": True, "held": True, "forwarded_to": "+442079460177"}, "progress"),
    ],
)
def test_what_needs_a_human_stands_in_the_first_group(values: dict[str, Any], group: str):
    assert row(**values).group == group


@pytest.mark.parametrize(
    ("values", "shade"),
    [
        ({}, "ai"),
        ({"unanswered_since": ago(29)}, "ai"),
        ({"unanswered_since": ago(31)}, "alert"),
        ({"unanswered_since": ago(31), "holder": an_operator()}, "alert"),
        ({"status": "ringing"}, "ring"),
        ({"status": "ringing", "alarm": "credits_exhausted"}, "alert"),
        ({"held": True, "alarm": "max_duration"}, "alert"),
        ({"heard_at": ago(121)}, "alert"),
        ({"status": "completed", "alarm": "max_duration"}, "idle"),
    ],
)
def test_what_needs_a_human_looks_like_it_whoever_holds_it(values: dict[str, Any], shade: str):
    assert row(**values).shade == shade


@pytest.mark.parametrize(("left", "group"), [(15.0, "attention"), (20.0, "attention"), (45.0, "progress")])
def test_a_silent_contact_is_an_alarm_shortly_before_the_end(left: float, group: str):
    shown = row(a_call(), live(idle_s=left))
    assert shown.group == group
    assert [badge.label for badge in shown.badges] == ["Contact is silent"]


@pytest.mark.parametrize(
    ("said", "unanswered"),
    [
        ((), True),
        ((being_said("Hello?", "contact", at=1),), True),
        ((being_said("One mo", at=1),), False),
        ((being_said("We have a slot on", at=70),), False),
        ((being_said("We have a", at=58, heard=29),), False),
        ((being_said("We have a", at=58, heard=31),), True),
        ((being_said("One mo", "operator", at=1),), False),
        ((being_said("One mo", at=3), being_said("Hello?", "contact", key="u1", at=1)), True),
    ],
)
def test_a_contact_waits_until_somebody_is_heard_answering(said: tuple[LiveLine, ...], unanswered: bool):
    shown = row(a_call(unanswered_since=ago(60)), live(lines=said))
    assert shown.unanswered is (shown.group == "attention") is unanswered
    assert [badge.label for badge in shown.badges] == ["Nobody answers"] * unanswered


@pytest.mark.parametrize(("heard", "unanswered"), [(29, False), (31, True)])
def test_words_that_do_not_tell_when_they_came_count_from_the_last_frame_of_their_call(heard: int, unanswered: bool):
    said = replace(being_said("We have a", at=58), heard=0.0)
    assert row(a_call(unanswered_since=ago(60)), live(heard=ago(heard).timestamp(), lines=(said,))).unanswered is unanswered


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ({"muted": True}, ["Muted"]),
        ({"forwarded_to": "+442079460177"}, ["Forwarded to +44 20 7946 0177"]),
        ({"agent": an_agent(paused=True)}, ["Agent paused everywhere"]),
        ({"agent": an_agent(paused_contacts=["447700900128"]), "contact": a_contact()}, ["Paused for this contact"]),
        ({"agent": an_agent(paused_contacts=["447700900128"])}, []),
        ({"agent": an_agent(paused_calls=["CA1"])}, ["Paused for this call"]),
        ({"agent": an_agent(paused_calls=["CA2"])}, []),
        ({"agent": an_agent(paused_calls=["CA1"]), "status": "completed"}, []),
        ({"agent": an_agent(paused_elsewhere=["CA1"])}, ["Paused elsewhere"]),
        (
            {"agent": an_agent(paused=True, paused_calls=["CA1"], paused_elsewhere=["CA1"])},
            ["Agent paused everywhere", "Paused for this call"],
        ),
        ({"agent": an_agent(unverified_since=NOW)}, ["Unverified: voice link is down"]),
        ({"agent": an_agent(unverified_since=NOW), "channel": "chat"}, ["Unverified: agent is not connected"]),
        ({"agent": an_agent(unverified_since=NOW), "status": "completed"}, []),
        ({"agent": None}, []),
    ],
)
def test_badges_say_what_is_special(values: dict[str, Any], labels: list[str]):
    assert [badge.label for badge in row(**values).badges] == labels


def test_an_alarm_that_has_no_words_yet_is_shown_as_it_came():
    assert row(alarm="odd").badges == (Badge("triangle-alert", "odd", "alert"),)


def test_what_is_being_said_covers_the_last_settled_line_which_is_still_searched():
    call = a_call(last_speaker="contact", last_text="My boiler leaks")
    speaking = row(call, live(lines=(being_said("We have", at=3), being_said("nine", key="m2", at=1))))
    assert (speaking.last_speaker, speaking.last_text, speaking.last_interim, speaking.said) == ("Nora", "nine", True, "My boiler leaks")
    settled = row(call, live())
    assert (settled.last_speaker, settled.last_text, settled.last_interim) == ("Caller", "My boiler leaks", False)


def test_a_line_of_which_nothing_is_known_covers_nothing():
    call = a_call(last_speaker="contact", last_text="My boiler leaks")
    assert row(call, live(lines=(being_said(""),))).last_text == "My boiler leaks"


def test_what_was_being_said_when_the_call_ended_is_over():
    call = a_call(status="completed", last_speaker="agent", last_text="Goodbye")
    assert row(call, live(lines=(being_said("Good"),))).last_text == "Goodbye"


def test_ringing_calls_stand_first_silent_ones_last_the_others_by_their_start():
    rows = [
        row(call_uuid="silent", heard_at=ago(200), started_at=ago(300)),
        row(call_uuid="young", alarm="x", started_at=ago(10)),
        row(call_uuid="old", alarm="x", started_at=ago(200)),
        row(call_uuid="ringing", status="ringing", started_at=ago(5)),
    ]
    assert [shown.uuid for shown in sorted(rows, key=lambda shown: shown.sort)] == ["ringing", "old", "young", "silent"]


def test_a_call_that_never_told_its_start_has_a_place_too():
    assert row(started_at=None).started_ms == 0


def test_an_operator_who_holds_the_call_is_named():
    shown = row(holder=an_operator(first_name="Oskar", last_name="Lind"))
    assert (shown.holder_kind, shown.holder) == ("operator", "Oskar Lind")
    assert (row().holder_kind, row().holder) == ("agent", "Nora")
