"""What the agent did besides talking: tools, audit events, tones and notes, each once."""

import pytest

from callcenter.domain.events.lifecycle import CallAnswered, CallForwarded, RecordingReceived
from callcenter.domain.events.telephony import DtmfReceived, DtmfSent
from callcenter.domain.events.work import AuditRecorded, Noted, Tool, ToolResult, ToolsCalled, ToolsReturned
from tests.domain.story import CALL, START, Story

FIND = Tool(id="t1", name="find_slots", arguments={"day": "Friday"})
FOUND = ToolResult(id="t1", result=["10:00"])


@pytest.fixture
def story() -> Story:
    return Story()


def call(story: Story, at: float = 1, tool: Tool = FIND) -> None:
    story.hear(ToolsCalled, at=at, group="g1", tools=(tool,))


def answer(story: Story, at: float = 2, result: ToolResult = FOUND) -> None:
    story.hear(ToolsReturned, at=at, group="g1", results=(result,))


def test_a_tool_runs_until_its_result_comes(story) -> None:
    call(story)
    [row] = story.rows("tool")
    assert (row["name"], row["arguments"], row["state"], row["done_at"]) == ("find_slots", {"day": "Friday"}, "running", None)
    answer(story)
    [row] = story.rows("tool")
    assert (row["result"], row["state"], row["at"], row["done_at"]) == (["10:00"], "done", START + 1, START + 2)


def test_a_result_may_come_before_its_call(story) -> None:
    answer(story)
    assert story.rows("tool")[0]["name"] == ""
    call(story)
    [row] = story.rows("tool")
    assert (row["name"], row["result"], row["at"], row["done_at"]) == ("find_slots", ["10:00"], START + 1, START + 2)


@pytest.mark.parametrize(
    ("result", "state"),
    [
        (ToolResult(id="t1", result={"error": "no"}, failed=True), "failed"),
        (ToolResult(id="t1", confidential=True), "confidential"),
        (ToolResult(id="t1", failed=True, confidential=True), "confidential"),
    ],
)
def test_a_result_tells_how_it_went(story, result, state) -> None:
    call(story)
    answer(story, result=result)
    assert story.rows("tool")[0]["state"] == state


def test_told_again_a_tool_is_one_tool(story) -> None:
    for _ in range(2):
        call(story)
        answer(story)
    assert len(story.rows("tool")) == 1


def test_the_same_id_in_another_group_is_another_tool(story) -> None:
    call(story)
    story.hear(ToolsCalled, at=3, group="g2", tools=(FIND,))
    assert len(story.rows("tool")) == 2


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_newest_arguments_and_results_stand_in_any_order(story, order) -> None:
    for index in order:
        call(story, 1 + index, Tool(id="t1", name=("find", "find_slots")[index], arguments={"try": index}))
        answer(story, 5 + index, ToolResult(id="t1", result=index))
    [row] = story.rows("tool")
    assert (row["name"], row["arguments"], row["result"], row["at"]) == ("find_slots", {"try": 1}, 1, START + 1)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_what_a_newer_report_does_not_say_an_older_one_does_in_any_order(story, order) -> None:
    for index in order:
        call(story, 1 + index, (FIND, Tool(id="t1", name=""))[index])
    [row] = story.rows("tool")
    assert (row["name"], row["arguments"]) == ("find_slots", {"day": "Friday"})


def test_tools_called_together_are_rows_of_their_own(story) -> None:
    story.hear(ToolsCalled, at=1, group="g1", tools=(FIND, Tool(id="t2", name="book")))
    assert sorted(row["name"] for row in story.rows("tool")) == ["book", "find_slots"]


def test_an_audit_event_is_kept_once_with_the_time_it_names(story) -> None:
    for at in (5, 4):
        record = AuditRecorded(call=CALL, id="e1", type="token_usage", at=START + 3, data={"tokens": 212})
        story.take(record, START + at)
    assert [(row["type"], row["at"], row["data"]) for row in story.rows("audit")] == [("token_usage", START + 3, {"tokens": 212})]


def test_an_audit_event_of_a_tool_is_also_that_tool(story) -> None:
    story.hear(AuditRecorded, at=1, id="e1", type="tool_call", tool=FIND, data={})
    story.hear(AuditRecorded, at=2, id="e2", type="tool_result", tool=FIND, result=FOUND, data={})
    [row] = story.rows("tool")
    assert (row["name"], row["result"], row["state"]) == ("find_slots", ["10:00"], "done")
    assert len(story.rows("audit")) == 2


def test_a_note_is_kept_once_by_kind_and_key_from_its_earliest_report(story) -> None:
    for at in (5, 3, 4):
        story.hear(Noted, at=at, kind="skill_loaded", key="billing", data={"skill": "billing"})
    story.hear(Noted, at=6, kind="skill_unloaded", key="billing", data={})
    assert [(row["kind"], row["at"]) for row in story.rows("note")] == [("skill_loaded", START + 3), ("skill_unloaded", START + 6)]


def test_forwarding_twice_to_one_target_is_one_note(story) -> None:
    for at in (1, 2):
        story.hear(CallForwarded, at=at, target="+1")
    assert [row["data"] for row in story.rows("note")] == [{"to": "+1"}]


# Tones


def tones(story: Story, kind: str) -> list[str]:
    return [row["data"]["digits"] for row in story.rows("note") if row["kind"] == kind]


def test_the_same_digits_sent_at_another_time_are_sent_again(story) -> None:
    for at in (1, 1, 2):
        story.hear(DtmfSent, at=at, digits="1")
    assert tones(story, "dtmf_sent") == ["1", "1"]


def test_without_marks_the_same_digits_within_two_seconds_are_a_copy(story) -> None:
    story.hear(DtmfSent, digits="1")
    story.hear(DtmfSent, digits="1", after=1.5)
    story.hear(DtmfSent, digits="2", after=0.1)
    story.hear(DtmfSent, digits="1", after=5)
    assert tones(story, "dtmf_sent") == ["1", "2", "1"]


def test_received_keys_are_told_apart_by_how_many_there_were(story) -> None:
    for digit, pressed in (("0", "0"), ("0", "00"), ("0", "00"), ("7", "007")):
        story.hear(DtmfReceived, digit=digit, digits=pressed)
    assert tones(story, "dtmf_received") == ["0", "0", "7"]


def test_an_older_server_tells_each_key_by_itself(story) -> None:
    for seq in (1, 2, 2):
        story.hear(DtmfReceived, seq=seq, digit="0")
    assert tones(story, "dtmf_received") == ["0", "0"]


# Recordings


def test_one_audio_is_one_recording_however_often_it_comes(story) -> None:
    story.hear(CallAnswered, at=0)
    for _ in range(2):
        story.hear(RecordingReceived, file="a.wav", digest="d1", duration_ms=1000)
    story.hear(RecordingReceived, file="b.wav", digest="d2", duration_ms=1000)
    assert [row["file"] for row in story.rows("recording")] == ["a.wav", "b.wav"]


def test_a_frame_that_only_tells_of_audio_is_no_recording(story) -> None:
    story.hear(RecordingReceived, duration_ms=1000)
    assert story.rows("recording") == []
