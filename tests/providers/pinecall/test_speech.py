"""Who speaks and what is said."""

from typing import Any

import pytest

from callcenter.domain.decoded import Decoded
from callcenter.domain.events.speech import (
    AgentInterrupted,
    AgentPiece,
    AgentReplied,
    AgentSpeaking,
    AgentWord,
    ContactMessage,
    LevelMeasured,
    Thinking,
    TurnEnded,
)
from callcenter.providers.decode import decode
from tests.providers.contract import named, sample


def read(event: str, call: str = "CA1", **fields: Any) -> Decoded:
    return decode("pinecall", {"event": event, "callId": call, "agent": "desk", **fields})


def test_a_voice_line_is_announced() -> None:
    event = read("bot.speaking", messageId="m1", text="Good morning").event
    assert isinstance(event, AgentSpeaking)
    assert (event.message_id, event.text) == ("m1", "Good morning")
    assert isinstance(read("bot.speaking", messageId="m1", text="").event, AgentSpeaking)
    assert read("bot.speaking", messageId="", text="").event is None


def test_a_chat_reply_without_id_is_a_whole_line() -> None:
    for fields in ({"call": "chat-1"}, {"call": "x", "transport": "chat"}):
        read_ = read("bot.speaking", messageId="", text="Yes.", **fields)
        assert isinstance(read_.event, AgentReplied)
        assert read_.durable


def test_a_chat_text_with_id_is_a_piece_in_a_stream_and_whole_on_the_wire() -> None:
    piece = read("bot.speaking", "chat-1", messageId="m1", text=" is free")
    assert isinstance(piece.event, AgentPiece)
    assert (piece.event.text, piece.durable, piece.name) == (" is free", False, "bot.speaking")
    whole = decode("pinecall", {"event": "bot.speaking", "agent_id": "desk", "call_id": "chat-1", "message_id": "m1", "text": "All"})
    assert isinstance(whole.event, AgentReplied)
    assert whole.durable


def test_pieces_read_alike_from_the_wire_and_the_stream() -> None:
    wire = [decode("pinecall", frame) for frame in sample("pinecall-wire") if frame["event"] == "llm.chat.chunk"]
    stream = [decode("pinecall", frame) for frame in sample("pinecall-stream") if frame.get("messageId") == "msg_z8d4e1fq66uv"]
    for mine, theirs in zip(wire, stream, strict=True):
        assert isinstance(mine.event, AgentPiece)
        assert isinstance(theirs.event, AgentPiece)
        assert (mine.event.message_id, mine.event.text) == (theirs.event.message_id, theirs.event.text)
        assert (mine.name, mine.durable) == (theirs.name, theirs.durable) == ("bot.speaking", False)


def test_equal_pieces_are_not_repetitions() -> None:
    assert not read("bot.speaking", "chat-1", messageId="m1", text="ha").identified


def test_words_keep_their_place() -> None:
    event = decode("pinecall", named("pinecall-wire", "bot.word")).event
    assert isinstance(event, AgentWord)
    assert (event.word, event.index) == ("Good", 0)
    unnumbered = read("bot.word", messageId="m1", word="Yes", wordIndex="0").event
    assert isinstance(unnumbered, AgentWord)
    assert unnumbered.index is None


@pytest.mark.parametrize("event", ["bot.word", "bot.finished", "bot.interrupted", "message.aborted", "reply.rejected", "barge_in"])
def test_what_is_about_one_message_needs_its_id(event: str) -> None:
    assert read(event, messageId="", word="x", text="x").event is None


def test_a_confirmation_without_text_confirms_nothing() -> None:
    assert read("message.confirmed", messageId="m1").event is None


def test_speaking_over_the_agent_tells_how_much_was_heard() -> None:
    event = decode("pinecall", named("pinecall-wire", "bot.interrupted")).event
    assert isinstance(event, AgentInterrupted)
    assert (event.reason, event.words, event.played_ms) == ("user_spoke", 6, 1720)
    companion = decode("pinecall", named("pinecall-wire", "barge_in")).event
    assert isinstance(companion, AgentInterrupted)
    assert (companion.message_id, companion.reason, companion.words) == ("msg_h8d2m5ya90ef", "barge_in", None)


def test_a_chat_message_of_the_contact_has_no_id() -> None:
    read_ = read("chat.message", "chat-1", text="Do you treat children?", messageId="")
    assert isinstance(read_.event, ContactMessage)
    assert (read_.event.message_id, read_.name, read_.identified) == ("", "user.message", False)


def test_a_message_without_words_is_none() -> None:
    assert read("user.message", messageId="u1").event is None
    assert read("user.message", messageId="u1", text=5).event is None


@pytest.mark.parametrize(
    ("fields", "level"),
    [
        ({"energyDb": -60}, 0.0),
        ({"energyDb": -30.0}, 0.5),
        ({"energy_db": 0}, 1.0),
        ({"energyDb": 10**400}, 1.0),
        ({"energyDb": -1e9}, 0.0),
        ({"rms": 0.25}, 0.25),
        ({"energyDb": "loud", "rms": 7}, 1.0),
        ({"energyDb": True, "rms": 0.5}, 0.5),
    ],
)
def test_levels_lie_between_zero_and_one(fields: dict[str, Any], level: float) -> None:
    event = read("audio.metrics", source="user", **fields).event
    assert isinstance(event, LevelMeasured)
    assert (event.side, event.level) == ("contact", level)


def test_a_level_needs_a_side_and_a_value() -> None:
    assert read("audio.metrics", source="room", energyDb=-3).event is None
    assert read("audio.metrics", source=["user"], energyDb=-3).event is None
    assert read("audio.metrics", source="bot").event is None


def test_a_turn_ends_with_the_latency_of_its_detector() -> None:
    event = read("turn.end", id=2, messageId="u1", latencyMs=171).event
    assert isinstance(event, TurnEnded)
    assert event.latency_ms == 171


def test_preparing_and_thinking_look_the_same() -> None:
    assert isinstance(read("llm.before", turn=1).event, Thinking)
    assert isinstance(read("llm.thinking").event, Thinking)


def test_nothing_unprintable_reaches_the_transcript() -> None:
    event = read("user.message", messageId="u\0", text="a\0\ud800b\u202e\U0001f600").event
    assert isinstance(event, ContactMessage)
    assert (event.message_id, event.text) == ("u", "ab\u202e\U0001f600")
