"""What is read quickly is read as everything else: the same level, the same word, or nothing."""

import msgspec
from hypothesis import assume, given
from hypothesis import strategies as st

from callcenter.domain.decoded import Decoded
from callcenter.domain.events.speech import LEVEL_SIDES, AgentWord, LevelMeasured
from callcenter.providers.decode import decode
from callcenter.providers.pinecall.quick import is_level, read_quickly
from tests.providers.contract import named

STRANGE: st.SearchStrategy[object] = st.sampled_from([None, True, "", "0", "a\0b", "\ud800", -1, 2**70, 1.5, float("1e300"), "x" * 300])
NO_KEYS: st.SearchStrategy[object] = st.sampled_from([[], {}])
IDS = st.sampled_from(["call-1", "wa-2", "CA0f3c"]) | STRANGE
NUMBERS = st.integers(-2, 10) | st.floats(-70, 5, allow_nan=False) | STRANGE
WHO = {
    "callId": "CA0f3c", "call_id": "CA0f3c", "agentId": "front desk", "agent": "frontdesk", "agent_id": "ag:frontdesk",
    "from": "+44 7700 900123", "to": "+442079460118", "direction": "inbound", "transport": "whatsapp", "seq": 4, "ts": 1_764_000_000_123.5,
}  # fmt: skip
WORD = {**WHO, "event": "bot.word", "messageId": "m1", "message_id": "m1", "word": "Good", "w": "Good", "wordIndex": 3, "word_index": 2.0}
LEVEL = {**WHO, "event": "audio.metrics", "source": "bot", "energyDb": -20, "energy_db": -21.5, "rms": 0.1}


def nearly(frame: dict[str, object]) -> st.SearchStrategy[dict[str, object]]:
    """The frame, of which some fields are missing and some are strange. An identity that cannot be a key makes ``decode`` read the
    frame the long way, where of two spellings of a field, of which one is strange, the other may win.
    """
    fields = st.sampled_from([name for name in frame if name != "event"])
    missing, strange = st.sets(fields, max_size=6), st.dictionaries(fields | st.just("data"), STRANGE, max_size=2)
    unkeyed = st.dictionaries(st.sampled_from([name for name in [*frame, "data"] if name not in (*WHO, "event")]), NO_KEYS, max_size=1)
    return st.builds(
        lambda gone, odd, other: {**{name: value for name, value in frame.items() if name not in gone}, **odd, **other},
        missing,
        strange,
        unkeyed,
    )


def quickly(frame: object) -> object:
    try:
        text = msgspec.json.encode(frame)
    except (UnicodeEncodeError, OverflowError):  # no wire carries it
        return None
    return read_quickly(msgspec.Raw(text))


@given(nearly(WORD))
def test_a_word_that_is_read_quickly_is_the_word_that_is_read_with_care(frame: dict[str, object]) -> None:
    found = quickly(frame)
    assume(found is not None)  # fails when that is rare
    assert isinstance(found, Decoded)
    assert msgspec.structs.replace(found, frame=None) == msgspec.structs.replace(decode("pinecall", frame), frame=None)


@given(nearly(LEVEL))
def test_a_level_that_is_read_quickly_is_the_level_that_is_read_with_care(frame: dict[str, object]) -> None:
    found = quickly(frame)
    assume(found is not None)
    event = decode("pinecall", frame).event
    assert isinstance(event, LevelMeasured)
    assert found == (event.call, LEVEL_SIDES[event.side], event.level)


def test_the_frames_of_the_contract_are_read_quickly() -> None:
    word, level = quickly(named("pinecall-wire", "bot.word")), quickly(named("pinecall-wire", "audio.metrics"))
    assert isinstance(word, Decoded)
    assert isinstance(word.event, AgentWord)
    assert isinstance(level, tuple)


def test_other_frames_are_not() -> None:
    assert quickly(named("pinecall-wire", "bot.finished")) is None
    assert quickly({"event": "audio.metrics"}) is None
    assert quickly([]) is None


@given(nearly(LEVEL) | nearly(WORD) | st.just({"event": "user.message", "text": '{"event":"audio.metrics",'}))
def test_what_is_taken_for_a_level_without_reading_it_is_named_so(frame: dict[str, object]) -> None:
    try:
        raw = msgspec.Raw(msgspec.json.encode({"event": frame["event"], **frame}))
    except (UnicodeEncodeError, OverflowError):
        assume(False)
    assert is_level(raw) == (frame["event"] == "audio.metrics")
