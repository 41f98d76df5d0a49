"""The envelope of the call log, which names its event by ``type`` and has words of its own. Contract A.3, I.3."""

from typing import Any

from callcenter.domain.decoded import Decoded
from callcenter.domain.events.lifecycle import CallAnswered, CallEnded
from callcenter.domain.events.speech import AgentPiece, AgentReplied, AgentSpeaking, AgentWord, ContactInterim, ContactMessage
from callcenter.domain.events.work import Noted, ToolsCalled, ToolsReturned
from callcenter.providers.decode import decode


def logged(kind: str, data: dict[str, Any], *, call: str | None = "CA1", ephemeral: bool = False) -> Decoded:
    envelope = {"seq": 7, "ts": 1782900003.1, "call": call, "agent": "frontdesk", "type": kind, "ephemeral": ephemeral, "data": data}
    return decode("pinecall", envelope)


def test_the_example_of_the_contract_is_a_message_of_the_contact() -> None:
    read = logged("user.message", {"id": "u1", "text": "Hello", "final": True})
    assert isinstance(read.event, ContactMessage)
    assert (read.event.message_id, read.event.text) == ("u1", "Hello")
    assert (read.call, read.agent, read.seq, read.ts, read.durable) == ("CA1", "frontdesk", 7, 1782900003.1, True)


def test_interim_text_is_only_for_the_moment() -> None:
    read = logged("user.message", {"id": "u1", "text": "Hel", "final": False})
    assert isinstance(read.event, ContactInterim)
    assert not read.durable


def test_a_word_is_called_w() -> None:
    read = logged("bot.word", {"id": "m1", "w": "Good"})
    assert isinstance(read.event, AgentWord)
    assert (read.event.message_id, read.event.word, read.event.index) == ("m1", "Good", None)


def test_the_log_of_an_agent_names_the_call_in_its_data() -> None:
    assert logged("call.held", {"call": "CA9"}, call=None).call == "CA9"


def test_a_start_names_its_channel() -> None:
    read = logged("call.started", {"channel": "webrtc"}, call="x-1")
    assert isinstance(read.event, CallAnswered)
    assert read.event.channel == "webrtc"


def test_an_end_has_its_reason_and_duration() -> None:
    read = logged("call.ended", {"reason": "no-answer", "duration": 2.5})
    assert isinstance(read.event, CallEnded)
    assert (read.event.reason, read.event.duration) == ("no_answer", 2.5)


def test_a_tool_comes_alone() -> None:
    called = logged("tool.call", {"id": "t1", "name": "find", "args": {"day": "monday"}}).event
    returned = logged("tool.result", {"id": "t1", "name": "find", "result": {"free": []}, "ms": 20}).event
    broken = logged("tool.result", {"id": "t1", "name": "find", "result": None, "error": "down"}).event
    assert isinstance(called, ToolsCalled)
    assert (called.tools[0].id, called.tools[0].name, called.tools[0].arguments) == ("t1", "find", {"day": "monday"})
    assert isinstance(returned, ToolsReturned)
    assert (returned.results[0].result, returned.results[0].failed) == ({"free": []}, False)
    assert isinstance(broken, ToolsReturned)
    assert (broken.results[0].result, broken.results[0].failed) == ({"error": "down"}, True)


def test_a_passing_result_is_confidential() -> None:
    read = logged("tool.result", {"id": "t1", "name": "find", "result": {"pin": 1234}}, ephemeral=True)
    assert isinstance(read.event, ToolsReturned)
    assert read.event.results[0].confidential
    assert "1234" not in str(read.frame)


def test_in_a_chat_the_envelope_tells_a_piece_from_a_reply() -> None:
    data = {"id": "m1", "text": "Yes"}
    assert isinstance(logged("bot.speaking", data, call="chat-1", ephemeral=True).event, AgentPiece)
    assert isinstance(logged("bot.speaking", data, call="chat-1").event, AgentReplied)
    assert isinstance(logged("bot.speaking", data, call="CA1").event, AgentSpeaking)


def test_the_summary_is_a_note_of_which_there_is_one() -> None:
    read = logged("call.summary", {"summary": "Moved to Thursday", "recording_url": "https://example.org/r.wav"})
    assert isinstance(read.event, Noted)
    assert (read.event.kind, read.event.key, read.event.data["summary"]) == ("summary", "", "Moved to Thursday")


def test_marks_of_the_log_itself_change_nothing() -> None:
    for kind in ("log.gap", "log.caught_up", "turn.start"):
        read = logged(kind, {})
        assert (read.event, read.known, read.durable) == (None, True, False)
