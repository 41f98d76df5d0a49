"""The call page as values: lines and moments in their order, who took part, and what must be known first."""

from typing import Any

import pytest

from callcenter.calls.live_state import LiveCall
from callcenter.calls.models import AuditEvent, Call, CallNote, Participant, Recording, ToolCall, TranscriptEntry
from callcenter.commands.models import Takeover
from callcenter.console.callpage import Parts, call_view
from callcenter.console.moments import BODY_LIMIT, Deed, offset, pretty
from callcenter.console.view import CallView, LineView
from callcenter.domain.limits import Limits
from callcenter.journal.models import Connection
from tests.console.calls import NOW, TEAM, a_call, ago, an_operator, being_said, live, part


def view(call: Call, live: LiveCall | None = None, **parts: Any) -> CallView:
    return call_view(call, call.agent, live, Parts(**parts), NOW.timestamp(), Limits())


def line(call: Call, key: str, at: float, text: str, **values: Any) -> Any:
    return part(TranscriptEntry, call, key, at, **{"speaker": "contact", "state": "final", "text": text, **values})


def script(shown: CallView) -> list[str]:
    return [item.text if isinstance(item, LineView) else f"[{item.title or item.code}]" for item in shown.script]


def titles(shown: CallView) -> list[str]:
    return [moment.title or moment.code for moment in shown.timeline]


def test_moments_stand_between_the_lines_by_their_time():
    call = a_call()
    shown = view(
        call,
        lines=[line(call, "a", 50, "one"), line(call, "b", 30, "two")],
        tools=[part(ToolCall, call, "t", 40, name="find_slots")],
        notes=[
            part(CallNote, call, "n", 20, kind="hold_on"),
            part(CallNote, call, "s", 10, kind="skill_loaded", data={"skill": "booking"}),
        ],
    )
    assert script(shown) == ["one", "[find_slots]", "two", "[Put on hold]"]
    assert titles(shown) == ["Call from +44 7700 900128", "Answered", "find_slots", "Put on hold", "Skill booking loaded"]


def test_the_timeline_says_who_asked_for_what_happened_and_the_audit_filter_keeps_what_people_did():
    call = a_call()
    kinds = {40: "hold_on", 30: "hold_off", 20: "mute_on", 15: "taken_over", 10: "language"}
    notes = [part(CallNote, call, f"n{age}", age, kind=kind, data={"name": "sofia", "language": "es"}) for age, kind in kinds.items()]
    asked = {"unhold": ("Sofia", 31), "mute": ("Oskar", 21), "hold": ("Oskar", 31)}
    deeds = [Deed(verb, who, ago(age).timestamp(), ago(age - 1).timestamp()) for verb, (who, age) in asked.items()]
    found = [(moment.title, moment.detail, moment.category) for moment in view(call, notes=notes, deeds=deeds).timeline][2:]
    assert found == [
        ("Put on hold", "", "call"),
        ("Taken off hold", "by Sofia", "audit"),
        ("Contact muted", "by Oskar", "audit"),
        ("sofia took over", "", "audit"),
        ("Language set to es", "", "call"),
    ]


@pytest.mark.parametrize(
    ("kind", "asked", "name"),
    [
        ("hold_on", [("hold", "Oskar", True)], ""),
        ("hold_on", [("hold", "Oskar", True), ("hold", "Sofia", False)], "by Sofia"),
        ("route_failed", [("route", "Oskar", True)], "by Oskar"),
        ("route_failed", [("route", "Oskar", False)], ""),
        ("routed", [("route", "Oskar", True), ("route", "Sofia", False)], "by Sofia"),
        ("dtmf_sent", [("dtmf", "Oskar", False), ("dtmf", "Oskar", False)], "by Oskar"),
        ("dtmf_sent", [("dtmf", "Oskar", False), ("dtmf", "Sofia", False)], ""),
    ],
)
def test_nobody_is_named_for_what_was_refused_or_for_what_may_be_somebody_elses(kind: str, asked: list[tuple[str, str, bool]], name: str):
    call = a_call()
    deeds = [Deed(verb, who, ago(21).timestamp(), ago(19).timestamp(), refused) for verb, who, refused in asked]
    notes = [part(CallNote, call, "n", 20, kind=kind, data={"agent": "billing", "reason": "offline", "digits": "1"})]
    assert view(call, notes=notes, deeds=deeds).timeline[-1].detail == name


def test_a_moment_stands_before_a_line_of_the_same_time():
    call = a_call()
    notes = [part(CallNote, call, "n", 30, kind="hold_on")]
    assert script(view(call, lines=[line(call, "a", 30, "one")], notes=notes)) == ["[Put on hold]", "one"]


def test_live_lines_lie_over_open_rows_and_stand_beside_closed_ones():
    call = a_call()
    rows = [
        line(call, "m1", 20, "", state="speaking", announced="We have nine", speaker="agent"),
        line(call, "m2", 30, "Settled", speaker="agent"),
    ]
    shown = view(
        call,
        live(lines=(being_said("We have", rest="nine"), being_said("late words", key="m2"), being_said("I need", key="u9"))),
        lines=rows,
    )
    said = [(item.text, item.rest, item.state) for item in shown.script if isinstance(item, LineView)]
    assert said == [("Settled", "", "final"), ("We have", "nine", "speaking"), ("I need", "", "speaking")]


def test_nothing_is_being_said_in_a_finished_call():
    call = a_call(status="completed", ended_at=ago(1))
    assert script(view(call, live(lines=(being_said("We have", key="x"),)))) == []


def test_lines_tell_when_they_began():
    call = a_call()
    [shown] = view(call, lines=[line(call, "a", 43, "one")]).script
    assert isinstance(shown, LineView)
    assert (shown.offset, shown.name, shown.tone) == ("0:17", "Caller", "caller")


@pytest.mark.parametrize(
    ("provider", "text", "at", "late"),
    [
        ("pinecall", "Tomorrow the doctor can see you at nine", 17, True),
        ("sippet", "Tomorrow the doctor can see you at nine", 17, False),
        ("sippet", "Tomorrow the doctor can see you at nine", 14, True),
        ("sippet", "At nine", 17, True),
    ],
)
def test_what_was_begun_before_the_takeover_is_not_after_it(provider: str, text: str, at: int, late: bool):
    """The operator answers since 18 s; Sippet dates a line when it was said."""
    call = a_call(connection=Connection(pk=1, slug="berlin", provider=provider, team=TEAM))
    taken = Takeover(call=call, began_at=ago(18))
    shown = view(call, lines=[line(call, "a", at, text, speaker="agent")], takeovers=[taken])
    assert shown.late == late


@pytest.mark.parametrize(
    ("values", "idle", "words"),
    [
        ({}, None, ""),
        ({"heard_at": ago(200)}, None, "No signal"),
        ({"alarm": "credits_exhausted"}, None, "Credit is used up: the provider will end this call."),
        ({"unanswered_since": ago(31)}, None, "Nobody answers: the contact spoke, and has heard nothing since."),
        ({"unanswered_since": ago(31), "holder": an_operator()}, None, "No answer yet: the contact spoke"),
        ({}, 15.0, "ends in about 15 s"),
        ({"status": "completed"}, 15.0, ""),
        ({"status": "completed", "end_reason": "lost"}, None, "closed by the console"),
    ],
)
def test_what_the_reader_must_know_before_all_else(values: dict[str, Any], idle: float | None, words: str):
    warning = view(a_call(**values), live(idle_s=idle) if idle is not None else None).warning
    assert words in warning
    assert bool(words) == bool(warning)


def test_a_provider_that_names_no_participants_has_two_sides_all_the_same():
    ringing, answered = a_call(answered_at=None), a_call()
    assert [person.role for person in view(ringing).participants] == ["Caller"]
    assert [person.role for person in view(answered).participants] == ["Caller", "Nora"]
    named = [
        part(Participant, answered, "m-1:0", 50, member="m-1", role="ai_agent"),
        part(Participant, answered, "m-2:0", 40, member="m-2"),
    ]
    assert [person.role for person in view(answered, participants=named).participants] == ["Agent", "m-2"]


def test_an_end_says_why():
    over = view(a_call(status="completed", ended_at=ago(1), end_reason="no_answer"))
    assert (over.timeline[-1].title, over.timeline[-1].detail) == ("Ended", "no answer")
    failed = view(a_call(status="completed", ended_at=ago(1), end_reason="failed", error="The carrier refused."))
    assert failed.timeline[-1].detail == "The carrier refused."


@pytest.mark.parametrize(
    ("values", "title"),
    [
        ({"direction": "outbound"}, "Call to +44 20 7946 0118"),
        ({"channel": "webrtc"}, "Web call"),
        ({"channel": "chat"}, "Chat"),
        ({"channel": "whatsapp", "from_number": "447700900983"}, "WhatsApp session with +44 7700 900983"),
        ({"from_number": ""}, "Call from an unknown number"),
    ],
)
def test_the_timeline_begins_with_how_it_began(values: dict[str, Any], title: str):
    assert titles(view(a_call(**values)))[0] == title


def test_a_tool_shows_what_it_was_asked_what_it_answered_and_how_long_it_took():
    call = a_call()
    tool = part(ToolCall, call, "t", 30, name="find_slots", arguments={"day": "Friday"}, result=["09:00"], state="done", done_at=ago(28.5))
    [shown] = view(call, tools=[tool]).script
    assert not isinstance(shown, LineView)
    assert (shown.code, shown.detail, shown.tone) == ("find_slots", "1.5 s", "ok")
    assert shown.body == '{\n  "day": "Friday"\n}\n→ [\n  "09:00"\n]'


def test_a_tool_that_runs_or_failed_or_is_confidential_says_so():
    call = a_call()
    states = {state: part(ToolCall, call, state, 30, name="t", state=state) for state in ("running", "failed", "confidential")}
    shown = {moment.id.rsplit("-", 1)[1]: moment.detail for moment in view(call, tools=list(states.values())).timeline if moment.code}
    assert shown == {"running": "running", "failed": "failed", "confidential": "done, result confidential"}


def test_an_audit_event_shows_its_figures_and_a_failed_one_stands_between_the_lines():
    call = a_call()
    told = {"step_index": 2, "total_steps": 4, "total_tokens": 1840, "state_label": "Triage"}
    events = [
        part(AuditEvent, call, "a", 30, type="token_usage", data=told),
        part(AuditEvent, call, "b", 20, type="step", data={"success": False, "error": "calendar timeout"}),
        part(AuditEvent, call, "c", 10, type="tool_call", data={}),
    ]
    shown = view(call, audit=events)
    assert titles(shown)[2:] == ["Token usage", "Step"]
    assert shown.timeline[2].detail == "Triage · step 2 of 4 · 1840 tokens"
    assert script(shown) == ["[Step]"]


def test_braces_in_what_a_contact_wrote_stay_braces():
    call = a_call()
    note = part(CallNote, call, "n", 30, kind="dtmf_received", data={"digits": "{to}{digits}", "to": "secret"})
    assert "Contact pressed {to}{digits}" in titles(view(call, notes=[note]))


def test_a_note_of_an_unknown_kind_is_named_by_it():
    call = a_call()
    assert "Something new" in titles(view(call, notes=[part(CallNote, call, "n", 30, kind="something_new")]))


def test_a_recording_leads_to_its_file():
    call = a_call(call_uuid="a/b c")
    [shown] = view(call, recordings=[part(Recording, call, "k", 10, pk=7, file="", duration_ms=900)]).recordings
    assert shown.url.startswith("/calls/a%2Fb%20c/recordings/")
    assert (shown.duration_ms, shown.peaks_path) == (900, "")


def test_metadata_is_shown_in_order_and_cut():
    shown = view(a_call(metadata={"b": "x" * 900, "a": {"deep": 1}}))
    assert [name for name, _ in shown.metadata] == ["a", "b"]
    assert len(shown.metadata[1][1]) == 500


@pytest.mark.parametrize(
    ("seconds", "start", "words"),
    [(None, 1.0, ""), (5.0, None, ""), (17.9, 0.0, "0:17"), (61.0, 0.0, "1:01"), (3725.0, 0.0, "1:02:05"), (1.0, 9.0, "0:00")],
)
def test_an_offset_counts_from_the_start(seconds: float | None, start: float | None, words: str):
    assert offset(seconds, start) == words


def test_what_no_one_reads_on_is_cut():
    assert len(pretty("x" * (BODY_LIMIT * 2))) < BODY_LIMIT + 10
    assert pretty({"ä": "لا"}) == '{\n  "ä": "لا"\n}'


@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        ({}, ("+44 7700 900128", "+44 20 7946 0118")),
        ({"channel": "whatsapp", "from_number": "447700900983", "to_number": ""}, ("+44 7700 900983", "")),
        ({"channel": "webrtc", "from_number": "webrtc", "to_number": ""}, ("", "")),
        ({"from_number": "sip:lena@example.org"}, ("sip:lena@example.org", "+44 20 7946 0118")),
    ],
)
def test_numbers_are_written_as_on_the_floor(values: dict[str, Any], numbers: tuple[str, str]):
    shown = view(a_call(**values))
    assert (shown.from_number, shown.to_number) == numbers
    assert shown.row.number == shown.from_number
