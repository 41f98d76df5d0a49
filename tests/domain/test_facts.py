"""Every fact of the console comes out of the journal as it went in."""

import msgspec
import orjson
import pytest

from callcenter.domain.events.base import AgentEvent, CallEvent, ThreadEvent
from callcenter.domain.events.console import FACTS, CallFound, CallLost, HolderChanged, LineSettled, PauseObserved, ThreadHolderChanged
from callcenter.domain.events.control import AgentSeen
from callcenter.domain.events.lifecycle import DialFailed, RecordingReceived
from callcenter.journal.reading import event_of, fact_frame
from tests.domain.story import ARRIVALS, CALL, START

NUMBERS = {"from_number": "+447700900128", "to_number": "+442079460118", "direction": "inbound", "channel": "phone"}
SAMPLES: dict[str, CallEvent | AgentEvent | ThreadEvent] = {
    "line.settled": LineSettled(
        call=CALL,
        agent="frontdesk",
        key="m1",
        speaker="contact",
        message_id="m1",
        at=START + 0.25,
        seq=7,
        arrived=ARRIVALS,
        words=((0, "Grüße,"), (2, "it’s")),
        text="Grüße 👋",
        latency_ms=640,
    ),
    "call.lost": CallLost(call=CALL, reason="lost"),
    "call.found": CallFound(call=CALL, agent="frontdesk", **NUMBERS),
    "dial.failed": DialFailed(call=CALL, error="Line busy.", code="DIAL_FAILED", inferred=True),
    "pause.observed": PauseObserved(agent="frontdesk", paused=True, at=START + 0.5, call="wa-1", contact="447700900128"),
    "agent.seen": AgentSeen(agent="frontdesk"),
    "recording.stored": RecordingReceived(
        call=CALL, file="recordings/a.wav", digest="d" * 64, duration_ms=61_250, sample_rate=16_000, format="flac", **NUMBERS
    ),
    "holder.changed": HolderChanged(call=CALL, fence=3, operator=7, name="Oskar", by_name="Sofia", why="reassigned"),
    "thread.holder_changed": ThreadHolderChanged(
        agent="frontdesk", contact="447700900128", fence=1, operator=7, name="Oskar", why="taken_over"
    ),
}


def test_there_is_a_sample_of_every_fact() -> None:
    assert SAMPLES.keys() == FACTS.keys()


@pytest.mark.parametrize("provider", ["pinecall", "sippet"])
@pytest.mark.parametrize("name", FACTS)
def test_a_fact_survives_the_journal(name, provider) -> None:
    frame = orjson.dumps(fact_frame(SAMPLES[name])).decode()
    assert orjson.loads(frame)["event"] == name
    assert event_of(provider, "console", frame) == SAMPLES[name]


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_that_lacks_what_is_optional_is_read(name) -> None:
    required = {field.name for field in msgspec.structs.fields(FACTS[name]) if field.required}
    fact = {key: value for key, value in msgspec.to_builtins(SAMPLES[name]).items() if key in required}
    frame = orjson.dumps({"event": name, "fact": fact}).decode()
    assert isinstance(event_of("pinecall", "console", frame), FACTS[name])
