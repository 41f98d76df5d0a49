"""What is being said, laid over the rows."""

import pytest

from callcenter.calls.live_state import LiveCall, LiveLine
from callcenter.calls.models import TranscriptEntry
from callcenter.calls.transcript import merged_lines


def row(key: str, time: float, text: str = "", **changes: object) -> TranscriptEntry:
    values = {"speaker": "agent", "state": "final", "sort_time": time, **changes}
    return TranscriptEntry(key=key, text=text, **values)


def said(key: str, time: float, text: str, rest: str = "", state: str = "speaking", speaker: str = "agent") -> LiveLine:
    return LiveLine(key, speaker, text, rest, state, time, (time, 0, 1))


def shown(rows: list[TranscriptEntry], *lines: LiveLine) -> list[tuple[str, str, str, str]]:
    return [(line.key, line.text, line.rest, line.state) for line in merged_lines(rows, LiveCall(epoch=1, heard=0, lines=lines))]


def test_without_live_state_the_rows_are_shown_in_reading_order():
    rows = [row("b", 2, "two"), row("a", 1, "one"), row("c", 2, "three", sort_seq=-1)]
    assert [line.key for line in merged_lines(rows, None)] == ["a", "c", "b"]


@pytest.mark.parametrize("state", ["speaking", "interim"])
def test_an_open_row_gives_way_to_what_is_being_said(state: str):
    rows = [row("a", 1, announced="Good morning, how are you?", state=state)]
    assert shown(rows, said("a", 1, "Good morning,", "how are you?")) == [("a", "Good morning,", "how are you?", "speaking")]


@pytest.mark.parametrize("state", ["final", "interrupted", "aborted", "rejected"])
def test_a_closed_row_stands_whatever_live_state_still_says(state: str):
    assert shown([row("a", 1, "Good morning", state=state)], said("a", 1, "Good")) == [("a", "Good morning", "", state)]


def test_lines_that_are_only_live_stand_between_the_rows_where_they_belong():
    rows = [row("a", 1, "one"), row("c", 3, "three")]
    interim = said("interim", 4, "I wou", state="interim", speaker="contact")
    assert [line[0] for line in shown(rows, interim, said("b", 2, "two"))] == ["a", "b", "c", "interim"]


def test_a_line_keeps_what_only_its_row_knows():
    [line] = merged_lines(
        [row("a", 1, state="speaking", message_id="m", kind="audio", delivery="sent", muted=True, recovered=True, delivery_inferred=True)],
        LiveCall(epoch=1, heard=0, lines=(said("a", 9, "Hi"),)),
    )
    assert (line.message_id, line.kind, line.delivery, line.time) == ("m", "audio", "sent", 1)
    assert (line.muted, line.recovered, line.inferred) == (True, True, True)


@pytest.mark.parametrize(
    ("text", "announced", "state", "words"),
    [
        ("", "Good morning", "speaking", "Good morning"),
        ("Good", "morning", "speaking", "Good"),
        ("Good", "morning", "interrupted", "Good"),
        ("", "morning", "aborted", ""),
    ],
)
def test_as_one_text_a_line_is_what_was_heard_or_else_what_is_announced(text: str, announced: str, state: str, words: str):
    [line] = merged_lines([row("a", 1, text, announced=announced, state=state)], None)
    assert line.words == words
