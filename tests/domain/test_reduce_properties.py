"""Whole calls by chance: order, repetition, cuts and restarts change no row. Design law 2, 3, 4."""

from collections.abc import Callable
from itertools import permutations
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Struct, structs

from callcenter.calls.rows import Projected, Rows, difference, kept_of, project_state
from callcenter.domain.events import console, lifecycle, speech, telephony, whatsapp, work
from callcenter.domain.events.base import CallEvent
from callcenter.domain.reduce import HANDLERS, live
from callcenter.domain.state import CallState
from tests.domain.story import ARRIVALS, CALL, START, Story, refolded

quick = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


class Frame(Struct, frozen=True):
    """An event with its marks: ``at`` seconds after the start, None = the frame has neither time nor sequence."""

    event: CallEvent
    at: float | None = None
    seq: int | None = None


SENTENCES = ("We have Friday at ten", "Good morning, how can I help?", "That works", "Yes", "")
some = st.sampled_from
sentence = some(SENTENCES)
said = some(SENTENCES[:-1])
moment = st.none() | st.integers(0, 30).map(lambda second: START + second)
data = st.dictionaries(some(("skill", "tokens")), st.integers(0, 3), max_size=2)
tool = st.builds(work.Tool, id=some(("t1", "t2")), name=some(("find_slots", "")), arguments=st.none() | data)
result = st.builds(work.ToolResult, id=some(("t1", "t2")), result=data, failed=st.booleans(), confidential=st.booleans())
who = {
    "agent": some(("", "frontdesk", "line:main")),
    "from_number": some(("", "+447700900128")),
    "to_number": some(("", "+442079460118")),
    "direction": some(("", "inbound", "outbound")),
    "channel": some(("", "phone", "webrtc")),
}
ours = some(("m1", "m2", ""))
theirs = some(("u1", "u2", ""))
named = some(("m1", "m2"))

# What every durable kind may say; an id has one speaker, as with the providers.
FIELDS: dict[type[CallEvent], dict[str, st.SearchStrategy[Any]]] = {
    lifecycle.CallRinging: {"started_at": moment, **who},
    lifecycle.CallDialing: who,
    lifecycle.CallAnswered: {
        "started_at": moment,
        "answered_at": moment,
        "metadata": data,
        "language": some(("", "en", "es")),
        "contact_name": some(("", "Noor")),
    },
    lifecycle.CallEnded: {
        "reason": some(("", "hangup", "busy")),
        "error": some(("", "The line broke.")),
        "ended_at": moment,
        "duration": st.none() | st.floats(0, 60),
        "record": st.lists(st.tuples(some(("agent", "contact")), said), max_size=3).map(tuple),
    },
    lifecycle.DialFailed: {"error": sentence, "inferred": st.booleans()},
    lifecycle.CallForwarded: {"target": some(("+1", "+2"))},
    lifecycle.CallRouted: {"target": some(("billing", "frontdesk")), "failure": some(("", "offline"))},
    lifecycle.LanguageChanged: {"language": some(("en", "fr"))},
    lifecycle.RecordingReceived: {"file": some(("", "a.wav")), "digest": some(("d1", "d2"))},
    lifecycle.LimitReached: {"reason": some(("idle_timeout", "max_duration"))},
    lifecycle.CreditsRejected: {},
    lifecycle.CreditsExhausted: {},
    speech.ContactMessage: {"message_id": theirs, "text": said, "language": some(("", "en"))},
    speech.AgentSpeaking: {"message_id": ours, "text": sentence},
    speech.AgentReplied: {"message_id": some(("r1", "")), "text": said},
    speech.AgentFinished: {"message_id": named},
    speech.AgentInterrupted: {"message_id": named, "words": st.none() | st.integers(0, 6)},
    speech.AgentConfirmed: {"message_id": named, "text": said},
    speech.AgentAborted: {"message_id": named},
    speech.ReplyRejected: {"message_id": named},
    speech.TranscriptCompleted: {"item": some(("i1", "")), "speaker": st.just("contact"), "text": sentence},
    telephony.HoldChanged: {"on": st.booleans()},
    telephony.MuteChanged: {"on": st.booleans(), "transcript": some(("", "Where is my card?"))},
    telephony.DtmfSent: {"digits": some(("1", "57#"))},
    telephony.DtmfReceived: {"digit": st.just("0"), "digits": some(("", "0", "00"))},
    telephony.ParticipantJoined: {"member": some(("p1", "p2")), "role": some(("", "caller", "agent")), "joined_at": moment},
    telephony.ParticipantLeft: {"member": some(("p1", "p2")), "joined_at": moment, "left_at": moment},
    work.ToolsCalled: {"group": some(("g1", "g2")), "tools": st.tuples(tool)},
    work.ToolsReturned: {"group": some(("g1", "g2")), "results": st.tuples(result)},
    work.AuditRecorded: {
        "id": some(("e1", "e2")),
        "type": some(("tool_call", "step")),
        "at": moment,
        "tool": st.none() | tool,
        "data": data,
    },
    work.Noted: {"kind": some(("skill_loaded", "memory")), "key": some(("a", "b")), "data": data},
    whatsapp.WhatsAppReceived: {
        "contact": st.just("447700900128"),
        "message_id": some(("w1", "")),
        "text": said,
        "name": some(("", "Noor")),
    },
    whatsapp.WhatsAppAnswered: {"contact": st.just("447700900128"), "message_id": some(("w2", "")), "text": said, "human": st.booleans()},
}
PASSING: dict[type[CallEvent], dict[str, st.SearchStrategy[Any]]] = {
    speech.SpeechStarted: {},
    speech.SpeechEnded: {},
    speech.TurnEnded: {},
    speech.TurnContinued: {},
    speech.Thinking: {},
    lifecycle.CallSeen: {},
    speech.IdleWarned: {"remaining_s": st.just(5.0)},
    speech.LevelMeasured: {"side": some(("contact", "agent")), "level": st.floats(0, 1)},
    speech.ContactInterim: {"message_id": theirs, "text": said},
    speech.AgentWord: {"message_id": named, "word": some(("We", "have", "Friday")), "index": st.none() | st.integers(0, 5)},
    speech.AgentPiece: {"message_id": some(("q1", "")), "text": some(("We", " have", "We have Friday", "0"))},
    speech.TranscriptDelta: {"item": some(("i1", "i2", "")), "speaker": st.just("contact"), "text": some(("I", " would", "0"))},
}
FACTS = {console.LineSettled, console.CallLost, console.CallFound, console.HolderChanged}
UNCERTAIN = FACTS | {lifecycle.DialFailed}  # what the console concluded by itself may be disproved


def events(table: dict[type[CallEvent], dict[str, st.SearchStrategy[Any]]]) -> st.SearchStrategy[CallEvent]:
    return st.one_of([st.builds(kind, call=st.just(CALL), **fields) for kind, fields in table.items()])


DURABLE, EPHEMERAL = events(FIELDS), events(PASSING)
SECONDS = st.integers(0, 30)


def numbered(told: list[tuple[CallEvent, int]]) -> list[Frame]:
    """A time and a sequence for each. Times are whole seconds and may be equal; sequences are not."""
    told = sorted(told, key=lambda item: item[1])
    return [Frame(event, at, seq) for seq, (event, at) in enumerate(told, 1)]


logs = st.lists(st.tuples(DURABLE, SECONDS), min_size=1, max_size=14).map(numbered)
# Everything a connection sends, marked or not, and the seconds before each frame.
FRAME = st.builds(Frame, st.one_of(DURABLE, EPHEMERAL), st.none() | SECONDS)
streams = st.lists(st.tuples(FRAME, some((0.01, 0.2, 1.0, 30.0))), min_size=1, max_size=16)


def played(frames: list[Frame], after: float = 0.05) -> Story:
    story = Story()
    for frame in frames:
        tell(story, frame, after)
    return story


def tell(story: Story, frame: Frame, after: float) -> None:
    story.now += after
    story.take(frame.event, None if frame.at is None else START + frame.at, frame.seq)


def shown(state: CallState) -> dict[str, Any]:
    """What the rows say, without keys, places and arrival times."""
    projected = project_state(state)
    assert projected.summary is not None
    rows = [(part, {name: value for name, value in row.items() if name != "sort_n"}) for (part, _), row in projected.parts.items()]
    parts: dict[str, list[dict[str, Any]]] = {}
    for part, row in sorted(rows, key=lambda item: (item[1]["sort_time"], item[1]["sort_seq"], repr(item[1]))):
        parts.setdefault(part, []).append({name: arrival(value) for name, value in row.items()})
    summary = {name: arrival(value) for name, value in structs.asdict(projected.summary).items()}
    return {**summary, **parts}


def arrival(value: Any) -> Any:
    return "on arrival" if isinstance(value, float) and value >= ARRIVALS else value


def test_the_strategies_know_every_event_of_a_call() -> None:
    assert FIELDS.keys() | PASSING.keys() | FACTS == HANDLERS.keys()
    assert PASSING.keys() == live.HANDLERS.keys()


@quick
@given(logs, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(log: list[Frame], order: Random) -> None:
    assert shown(played(order.sample(log, len(log))).state) == shown(played(log).state)


# A sequence without a time orders what is said, pressed, called and noted; who was on the line takes times, or arrival.
SEQUENCED = events({kind: fields for kind, fields in FIELDS.items() if kind.__module__ != lifecycle.__name__ and "member" not in fields})


def without_times(state: CallState) -> dict[str, Any]:
    rows = shown(state)
    del rows["duration_s"]
    return rows


@quick
@given(st.lists(SEQUENCED, min_size=1, max_size=14), st.randoms(use_true_random=False))
def test_a_sequence_without_times_is_enough_for_any_order(told: list[CallEvent], order: Random) -> None:
    log = [Frame(event, None, seq) for seq, event in enumerate(told, 1)]
    assert without_times(played(order.sample(log, len(log))).state) == without_times(played(log).state)


def test_of_two_ends_of_a_line_without_a_time_the_one_that_was_told_first_counts_in_any_order() -> None:
    told = [
        speech.AgentSpeaking(call=CALL, message_id="m1", text="How can I help?"),
        speech.AgentFinished(call=CALL, message_id="m1"),
        speech.ContactMessage(call=CALL, message_id="u1", text="Hello? Is anybody there?"),
        speech.AgentConfirmed(call=CALL, message_id="m1", text="How can I help?"),
    ]
    log = [Frame(event, None, seq) for seq, event in enumerate(told, 1)]
    assert all(shown(played(list(order)).state)["unanswered_since"] is not None for order in permutations(log))


@quick
@given(logs, st.data())
def test_repetition_does_not_matter(log: list[Frame], data: st.DataObject) -> None:
    again = data.draw(st.lists(some(log), max_size=10))
    assert shown(played([*log, *again]).state) == shown(played(log).state)
    assert shown(played([frame for frame in log for _ in range(2)]).state) == shown(played(log).state)


@quick
@given(logs, st.data())
def test_a_cut_resumed_with_overlap_does_not_matter(log: list[Frame], data: st.DataObject) -> None:
    cut = data.draw(st.integers(0, len(log)))
    back = data.draw(st.integers(0, cut))
    assert shown(played(log[:cut] + log[back:]).state) == shown(played(log).state)


BY_ID: dict[str, Callable[[str], CallEvent]] = {
    "speaking": lambda key: speech.AgentSpeaking(call=CALL, message_id=f"m{key}", text=f"We have {key} slots on Friday"),
    "finished": lambda key: speech.AgentFinished(call=CALL, message_id=f"m{key}"),
    "interrupted": lambda key: speech.AgentInterrupted(call=CALL, message_id=f"m{key}", words=int(key)),
    "confirmed": lambda key: speech.AgentConfirmed(call=CALL, message_id=f"m{key}", text=f"We have {key} slots."),
    "aborted": lambda key: speech.AgentAborted(call=CALL, message_id=f"m{key}"),
    "rejected": lambda key: speech.ReplyRejected(call=CALL, message_id=f"m{key}"),
    "said": lambda key: speech.ContactMessage(call=CALL, message_id=f"u{key}", text=f"Slot {key}, please."),
    "completed": lambda key: speech.TranscriptCompleted(call=CALL, item=f"i{key}", speaker="contact", text=f"Slot {key}."),
    "received": lambda key: whatsapp.WhatsAppReceived(call=CALL, contact="44", message_id=f"w{key}", text=f"Hello {key}"),
    "called": lambda key: work.ToolsCalled(call=CALL, group=f"g{key}", tools=(work.Tool(id="t", name=f"find_{key}"),)),
    "returned": lambda key: work.ToolsReturned(call=CALL, group=f"g{key}", results=(work.ToolResult(id="t", result=key),)),
    "audited": lambda key: work.AuditRecorded(call=CALL, id=f"e{key}", type="step", data={"tokens": key}),
    "noted": lambda key: work.Noted(call=CALL, kind="memory", key=key, data={"about": key}),
    "pressed": lambda key: telephony.DtmfReceived(call=CALL, digit=key, digits="12345"[: int(key)]),
    "recorded": lambda key: lifecycle.RecordingReceived(call=CALL, file=f"{key}.wav", digest=f"d{key}"),
    "ended": lambda key: lifecycle.CallEnded(call=CALL, reason="hangup"),
}


def without_order(state: CallState) -> dict[str, Any]:
    """What is shown but for what follows from the order of lines; without marks, all times are of arrival."""
    rows = shown(state)
    del rows["last_text"], rows["last_speaker"], rows["unanswered_since"], rows["duration_s"]
    return {name: sorted(value, key=repr) if isinstance(value, list) else value for name, value in rows.items()}


@quick
@given(st.lists(st.tuples(some(sorted(BY_ID)), some("123")), min_size=1, max_size=16, unique=True), st.randoms(use_true_random=False))
def test_ids_alone_are_enough_for_any_order_and_repetition(told: list[tuple[str, str]], order: Random) -> None:
    log = [Frame(BY_ID[name](key)) for name, key in told]
    again = order.choices(log, k=len(log))
    mixed = order.sample(log + again, len(log) * 2)
    assert without_order(played(mixed, after=20).state) == without_order(played(log, after=20).state)


@quick
@given(logs, st.lists(st.tuples(st.integers(0, 16), EPHEMERAL, st.none() | SECONDS), max_size=12))
def test_what_only_passes_changes_no_row(log: list[Frame], passing: list[tuple[int, CallEvent, int | None]]) -> None:
    quiet, noisy = Story(), Story()
    for place, frame in enumerate(log):
        for story in (quiet, noisy):
            tell(story, frame, 0.05)
        for event in (event for position, event, _ in passing if position == place):
            noisy.take(event)
        assert project_state(noisy.state) == project_state(quiet.state)


@quick
@given(streams)
def test_the_journal_alone_gives_the_same_rows(stream: list[tuple[Frame, float]]) -> None:
    story = Story()
    for frame, after in stream:
        tell(story, frame, after)
        story.settle()
    story.settle(60)
    if story.journal:
        assert project_state(refolded(story.journal)) == project_state(story.state)


class Table:
    """Rows as a database has them, written by what differs."""

    def __init__(self) -> None:
        self.kept = Projected()
        self.rows: Rows = {}

    def write(self, state: CallState) -> None:
        after = project_state(state, self.kept)
        found = difference(state, self.kept, after)
        self.kept = kept_of(self.kept, after, found.gone)
        state.touched.clear()
        self.rows |= found.made
        for place in found.gone:
            del self.rows[place]


def assert_whole(table: Table, state: CallState) -> None:
    whole = project_state(state)
    assert (table.kept.summary, table.rows) == (whole.summary, whole.parts)


@quick
@given(streams, st.integers(1, 3))
def test_rows_written_step_by_step_are_those_made_at_once(stream: list[tuple[Frame, float]], every: int) -> None:
    story, table = Story(), Table()
    for index, (frame, after) in enumerate(stream):
        tell(story, frame, after)
        story.settle()
        if index % every == 0 and story.state.arrived is not None:
            table.write(story.state)
            assert_whole(table, story.state)


@quick
@given(st.lists(st.tuples(some(sorted(BY_ID)), some("123"), st.none() | SECONDS), min_size=1, max_size=30))
def test_so_are_those_of_lines_that_are_told_again_with_other_times(told: list[tuple[str, str, int | None]]) -> None:
    story, table = Story(), Table()
    for name, key, at in told:
        tell(story, Frame(BY_ID[name](key), at), 0.5)
        table.write(story.state)
        assert_whole(table, story.state)


def test_so_are_those_of_words_that_are_settled_by_themselves() -> None:
    story, table = Story(), Table()
    story.hear(lifecycle.CallAnswered, at=0)
    table.write(story.state)
    story.hear(speech.AgentPiece, message_id="m1", text="We have Friday")
    story.settle(after=5)
    table.write(story.state)
    assert [row["text"] for (part, _), row in table.rows.items() if part == "line"] == ["We have Friday"]
    assert_whole(table, story.state)


def test_what_reads_as_before_is_not_written_again() -> None:
    story, table = Story(), Table()
    story.hear(speech.ContactMessage, message_id="u1", text="Hello", at=1)
    table.write(story.state)
    story.state.touched.add("u1")
    after = project_state(story.state, table.kept)
    assert ("line", "u1") in after.parts
    assert not difference(story.state, table.kept, after).made


@quick
@given(streams, st.integers(0, 16))
def test_a_restart_loses_only_what_was_not_yet_journaled(stream: list[tuple[Frame, float]], place: int) -> None:
    """A new process goes on from the journal; its rows are those of the journal at every moment."""
    story = Story()
    for index, (frame, after) in enumerate(stream):
        if index == place:
            story.state = refolded(story.journal)
        tell(story, frame, after)
        story.settle()
        if story.journal:
            assert project_state(refolded(story.journal)) == project_state(story.state)


RANK = {"ringing": 0, "dialing": 0, "answered": 1, "completed": 2}


@quick
@given(streams)
def test_the_status_never_steps_back(stream: list[tuple[Frame, float]]) -> None:
    story, highest = Story(), 0
    for frame, after in stream:
        if type(frame.event) in UNCERTAIN:
            continue
        tell(story, frame, after)
        rank = RANK[story.summary.status]
        assert rank >= highest
        highest = rank


@quick
@given(streams, streams, some(("loss", "sign of life", "")))
def test_nothing_reopens_what_the_provider_ended(before: list[tuple[Frame, float]], after: list[tuple[Frame, float]], last: str) -> None:
    story = Story()
    for frame, pause in before:
        tell(story, frame, pause)
    story.hear(lifecycle.CallEnded, at=10, reason="hangup")
    for frame, pause in after:
        tell(story, frame, pause)
        story.settle()
        assert story.summary.status == "completed"
    if last:
        story.hear(console.CallLost if last == "loss" else console.CallFound)
    assert story.summary.status == "completed"
    assert story.summary.end_reason != "lost"
