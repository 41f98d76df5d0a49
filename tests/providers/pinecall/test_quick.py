"""What is read quickly is read as everything else: the same level, the same word, or nothing."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from callcenter.domain.decoded import Decoded
from callcenter.domain.events.speech import LEVEL_SIDES, AgentWord, LevelMeasured
from callcenter.providers.decode import decode
from callcenter.providers.pinecall.quick import read_quickly
from tests.providers.contract import named

STRANGE: st.SearchStrategy[object] = st.sampled_from(
    [None, True, "", "0", "a\0b", "\ud800", -1, 2**70, 1.5, float("1e300"), [], {}, "x" * 300]
)
IDS = st.sampled_from(["call-1", "wa-2", "CA0f3c"]) | STRANGE
NUMBERS = st.integers(-2, 10) | st.floats(-70, 5, allow_nan=False) | STRANGE
WHO = {
    "callId": IDS, "call_id": IDS, "agentId": st.just("front desk") | STRANGE, "agent": st.just("frontdesk") | STRANGE,
    "agent_id": st.just("ag:frontdesk") | STRANGE, "from": st.just("+44 7700 900123") | STRANGE, "to": STRANGE,
    "direction": st.sampled_from(["inbound", "outbound", "sideways"]) | STRANGE,
    "transport": st.sampled_from(["phone", "whatsapp", "carrier pigeon"]) | STRANGE,
    "seq": NUMBERS, "ts": st.sampled_from([1_764_000_000, 1_764_000_000_123.5, "2026-11-26T09:00:00Z", 3]) | STRANGE, "data": STRANGE,
}  # fmt: skip
SAID = {
    "messageId": IDS, "message_id": IDS, "word": st.just("Good") | STRANGE, "w": st.just("Good") | STRANGE,
    "wordIndex": NUMBERS, "word_index": NUMBERS, "startTime": NUMBERS,
}  # fmt: skip
HEARD = {
    "source": st.sampled_from(["user", "bot", "nobody"]) | STRANGE, "energyDb": NUMBERS, "energy_db": NUMBERS, "rms": NUMBERS,
}  # fmt: skip


def quickly(frame: object) -> object:
    try:
        text = msgspec.json.encode(frame)
    except (UnicodeEncodeError, OverflowError):  # no wire carries it
        return None
    return read_quickly(msgspec.Raw(text))


@given(st.fixed_dictionaries({"event": st.just("bot.word")}, optional=WHO | SAID))
def test_a_word_that_is_read_quickly_is_the_word_that_is_read_with_care(frame: dict[str, object]) -> None:
    found = quickly(frame)
    if found is not None:
        assert isinstance(found, Decoded)
        assert msgspec.structs.replace(found, frame=None) == msgspec.structs.replace(decode("pinecall", frame), frame=None)


@given(st.fixed_dictionaries({"event": st.just("audio.metrics")}, optional=WHO | HEARD))
def test_a_level_that_is_read_quickly_is_the_level_that_is_read_with_care(frame: dict[str, object]) -> None:
    found = quickly(frame)
    if found is not None:
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
