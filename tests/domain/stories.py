"""Hypothesis strategies: whole calls told by random events of every kind, each with marks of its own."""

from typing import Any

from hypothesis import strategies as st

from callcenter.domain.events import lifecycle, speech, telephony, whatsapp, work
from callcenter.domain.events.base import CallEvent
from tests.domain.folding import CALL, START, Told

WORDS = ("yes", "no", "good", "morning", "Thursday", "nine", "o'clock", "please")
text = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(" ".join)
some = st.sampled_from
numbers = st.integers(0, 5)
times = st.none() | st.integers(0, 60).map(lambda s: START + s)


def events(kind: type[CallEvent], /, **fields: Any) -> st.SearchStrategy[CallEvent]:
    return st.builds(kind, call=st.just(CALL), **fields)


agent_lines = some(("a1", "a2", "a3"))
contact_lines = some(("c1", "c2", "c3", ""))
tools = st.builds(work.Tool, id=some(("t1", "t2")), name=some(("find", "book")), arguments=st.none() | st.dictionaries(some(WORDS), numbers))
results = st.builds(work.ToolResult, id=some(("t1", "t2")), result=st.none() | numbers, failed=st.booleans(), confidential=st.booleans())
record = st.lists(st.tuples(some(("contact", "agent")), text), max_size=3).map(tuple)

LIFECYCLE = [
    events(lifecycle.CallRinging, started_at=times, from_number=some(("", "+441")), agent=some(("", "frontdesk"))),
    events(lifecycle.CallDialing, direction=st.just("outbound")),
    events(
        lifecycle.CallAnswered, answered_at=times, metadata=st.none() | st.dictionaries(some(WORDS), numbers), language=some(("", "en", "es")),
        contact_name=some(("", "Noor")), agent=some(("", "frontdesk", "line:1", "billing")), contact=some(("", "447700")),
    ),
    events(lifecycle.CallForwarded, target=some(("+441", "+442"))),
    events(lifecycle.CallRouted, target=some(("billing", "frontdesk")), failure=some(("", "offline"))),
    events(lifecycle.LanguageChanged, language=some(("fr", "es"))),
    events(lifecycle.RecordingReceived, file=st.just("a.wav"), digest=some(("d1", "d2")), duration_ms=st.just(20)),
    events(lifecycle.LimitReached, reason=some(("max_duration", "idle_timeout"))),
    events(lifecycle.CreditsExhausted),
]  # fmt: skip
ENDS = [
    events(
        lifecycle.CallEnded, reason=some(("", "hangup", "busy")), error=some(("", "broken")), started_at=times, ended_at=times,
        duration=st.none() | st.just(12.5), record=record, contact_name=some(("", "Noor")),
    ),
    events(lifecycle.DialFailed, error=some(("", "no such number")), inferred=st.booleans()),
    events(lifecycle.CreditsRejected),
]  # fmt: skip
SPEECH = [
    events(speech.ContactMessage, message_id=contact_lines, text=text, language=some(("", "en"))),
    events(speech.AgentSpeaking, message_id=agent_lines, text=text | st.just("")),
    events(speech.AgentReplied, message_id=some(("r1", "")), text=text),
    events(speech.AgentFinished, message_id=agent_lines),
    events(speech.AgentInterrupted, message_id=agent_lines, words=st.none() | numbers),
    events(speech.AgentConfirmed, message_id=agent_lines, text=text),
    events(speech.AgentAborted, message_id=agent_lines),
    events(speech.ReplyRejected, message_id=agent_lines, reason=st.just("message_obsolete")),
    events(speech.TranscriptCompleted, item=some(("i1", "i2", "")), speaker=some(("contact", "agent", "operator")), text=text | st.just("")),
]
TELEPHONY = [
    events(telephony.HoldChanged, on=st.booleans()),
    events(telephony.MuteChanged, on=st.booleans(), transcript=some(("", "hello there"))),
    events(telephony.DtmfSent, digits=some(("1", "57#"))),
    events(telephony.DtmfReceived, digit=some(("1", "2")), digits=some(("", "1", "12"))),
    events(telephony.ParticipantJoined, member=some(("m1", "m2")), role=some(("caller", "ai_agent", "")), joined_at=times),
    events(telephony.ParticipantLeft, member=some(("m1", "m2")), role=some(("caller", "")), joined_at=times, left_at=times),
]
WORK = [
    events(work.ToolsCalled, group=some(("g1", "g2")), tools=st.tuples(tools)),
    events(work.ToolsReturned, group=some(("g1", "g2")), results=st.tuples(results)),
    events(work.AuditRecorded, id=some(("e1", "e2", "")), type=some(("tool_call", "token_usage")), at=times, tool=st.none() | tools,
           result=st.none() | results, data=st.dictionaries(some(WORDS), numbers)),
    events(work.Noted, kind=some(("skill_loaded", "memory")), key=some(WORDS), data=st.dictionaries(some(WORDS), numbers)),
]  # fmt: skip
WRITTEN = [
    events(whatsapp.WhatsAppReceived, contact=st.just("447700"), name=some(("", "Noor")), message_id=some(("w1", "w2", "")), text=text,
           kind=some(("text", "audio"))),
    events(whatsapp.WhatsAppAnswered, contact=st.just("447700"), text=text, human=st.booleans(), message_id=some(("o1", ""))),
]  # fmt: skip
PASSING = st.one_of(
    events(speech.AgentWord, message_id=agent_lines, word=some(WORDS), index=st.none() | numbers),
    events(speech.AgentPiece, message_id=some(("p1", "")), text=text),
    events(speech.TranscriptDelta, item=some(("i1", "i3", "")), speaker=some(("contact", "agent")), text=text),
    events(speech.ContactInterim, message_id=contact_lines, text=text),
    events(speech.LevelMeasured, side=some(("contact", "agent")), level=st.just(0.5)),
    events(speech.TurnEnded),
    events(speech.TurnContinued),
    events(speech.SpeechStarted),
    events(speech.SpeechEnded),
    events(speech.Thinking),
    events(speech.IdleWarned, remaining_s=st.just(5)),
)
DURABLE = st.one_of(*LIFECYCLE, *ENDS, *SPEECH, *TELEPHONY, *WORK, *WRITTEN)
WITHOUT_END = st.one_of(*LIFECYCLE, *SPEECH, *TELEPHONY, *WORK, *WRITTEN)


@st.composite
def marked(draw: st.DrawFn, durable: st.SearchStrategy[CallEvent] = DURABLE, size: int = 14) -> list[Told]:
    """Events with a time and a sequence each, in their own order; times may be equal, sequences are not."""
    found = draw(st.lists(st.tuples(durable, st.integers(0, 40)), min_size=1, max_size=size))
    found.sort(key=lambda item: item[1])
    return [Told(event, float(second), number + 1) for number, (event, second) in enumerate(found)]


@st.composite
def mixed(draw: st.DrawFn, size: int = 25) -> list[Told]:
    """Durable and passing events, with and without marks, as a real connection sends them."""
    found = draw(st.lists(st.tuples(st.booleans(), DURABLE, PASSING, st.none() | st.integers(0, 40)), max_size=size))
    return [
        Told(event if durable else passing, None if second is None else float(second), None if second is None else number + 1, durable)
        for number, (durable, event, passing, second) in enumerate(found)
    ]
