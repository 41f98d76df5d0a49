"""Whatever a contact types or a provider sends goes the whole way to the rows, as text, on every database."""

import json
from typing import Any

import pytest
from django.core.management import call_command

from callcenter.calls.models import AuditEvent, Call, CallNote, Contact, ToolCall, TranscriptEntry
from callcenter.journal.models import DeadLetter, Entry
from tests.ingest.frames import CALL, frame, said, started
from tests.ingest.playing import Player, make_source

pytestmark = pytest.mark.django_db(transaction=True)

TEXTS = {
    "markup": "<script>alert('x')</script><img src=x onerror=alert(1)> & &amp; {{ 7*7 }} {% now %}",
    "bidi": "\u202eabc\u202c \u2066left\u2069 שלום مرحبا",
    "zero width": "a\u200bb\u200c\u200d\ufeff\u2060c",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 é à",
    "controls": "\x01\x02\x1b[31m\x7f\x85\u2028\u2029\t\r\n",
    "quotes": "'; DROP TABLE calls_call; -- \" \\ \\u0000 \\x00 %s %(name)s {0}",
    "whole lines": "a\n" * 2000,
    "long": "wörd " * 20_000,
    "not characters": "\ufffe\uffff\U0010ffff",
}


@pytest.fixture
def player() -> Player:
    return Player(make_source())


def send_raw(player: Player, *frames: Any) -> Any:
    """As a sender writes them whose JSON is looser than ours."""
    return player.send_text(json.dumps(list(frames))).answers[0]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_a_text_arrives_as_it_was_sent(player, text) -> None:
    player.send([started(), said(1, text, "u1")])
    assert TranscriptEntry.objects.get().text == text
    assert Call.objects.get().last_text == text[:500]
    call_command("rebuild_calls", "--check", verbosity=0)


@pytest.mark.parametrize(
    ("sent", "kept"), [("a\x00b", "ab"), ("a\ud800b", "ab"), ("\udc00", ""), ("\ud83d\ude00", "😀")], ids=["nul", "high", "low", "pair"]
)
def test_what_no_database_takes_is_left_out_of_a_text(player, sent, kept) -> None:
    answer = send_raw(player, started(), said(1, sent + "!", "u1"), frame("call.updated", 2, language="en", note=sent))
    assert (answer.accepted, answer.rejected) == (3, [])
    assert TranscriptEntry.objects.get().text == kept + "!"
    call_command("rebuild_calls", "--check", verbosity=0)


def test_every_field_may_be_hostile(player) -> None:
    for number, text in enumerate(TEXTS.values()):
        call = f"CA{number:032d}"
        send_raw(
            player,
            started(1, call, **{"from": text, "to": text, "language": text, "metadata": {text: [text, {text: text}]}}),
            frame("llm.tool_call", 2, call, msg_id=text, tool_calls=[{"id": text, "name": text, "arguments": json.dumps({text: text})}]),
            frame("llm.tool_result", 3, call, msg_id=text, results=[{"tool_call_id": text, "result": {text: text}}]),
            frame("call.forwarded", 4, call, to=text),
            frame("skill.loaded", 5, call, skill=text, by=text),
            frame("memory.ops", 6, call, ops=[{"id": text, "text": text}]),
            frame("bot.interrupted", 7, call, message_id=text, reason=text),
            frame("call.dtmf_sent", 8, call, digits=text),
            frame("call.ended", 9, call, reason=text, error=text, messages=[{"role": "user", "content": text}]),
        )
    assert not DeadLetter.objects.exists()
    assert Call.objects.filter(status="completed").count() == len(TEXTS)
    call_command("rebuild_calls", "--check", verbosity=0)


def test_whatsapp_names_and_kinds_may_be_hostile(player) -> None:
    for number, text in enumerate(TEXTS.values()):
        who = {"session_id": f"wa-{number}", "from": f"44770090{number:04d}", "name": text, "type": text, "paused": True}
        send_raw(player, frame("whatsapp.message", 1, "", text=text, message_id=f"in{number}{text}", **who))
    assert Contact.objects.count() == TranscriptEntry.objects.count() == len(TEXTS)
    call_command("rebuild_calls", "--check", verbosity=0)


VALUES = {
    "huge integer": 10**400,
    "beyond 64 bits": 2**70,
    "negative": -(2**63) - 1,
    "not a number": float("nan"),
    "infinite": float("inf"),
    "tiny": 5e-324,
    "deep list": json.loads("[" * 400 + "]" * 400),
    "deep object": json.loads('{"a":' * 400 + "1" + "}" * 400),
    "true": True,
    "nothing": None,
    "list": [[], {}, ""],
}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_any_value_in_any_field_stops_nothing(player, value) -> None:
    """A wrong type is absent; inside of what belongs to the customer it stays as far as databases can keep it."""
    names = ("text", "message_id", "from", "to", "direction", "transport", "language", "metadata", "seq", "ts", "turn_id", "agent_id")
    answer = send_raw(player, *(started(None, f"CA{n}") | {name: value} for n, name in enumerate(names)))
    assert (answer.accepted, answer.rejected) == (len(names), [])
    tools = [{"id": "t1", "name": "find", "arguments": {"value": value}}]
    send_raw(
        player,
        frame("llm.tool_call", 1, msg_id="m1", tool_calls=tools),
        frame("llm.tool_result", 2, msg_id="m1", results=[{"tool_call_id": "t1", "result": value}]),
        frame("memory.ops", 3, ops=[{"id": "o1", "value": value}]),
        frame("call.ended", 4, duration_seconds=value, started_at=value, ended_at=value, messages=value),
        frame("audio.metrics", None, source="user", energy_db=value),
        frame("bot.word", None, message_id="m9", word_index=value, word="hi"),
    )
    assert ToolCall.objects.get().name == "find"
    assert CallNote.objects.get(kind="memory")
    assert Call.objects.get(call_uuid=CALL).status == "completed"
    call_command("rebuild_calls", "--check", verbosity=0)


@pytest.mark.parametrize("depth", [1_000, 1_500, 100_000])
@pytest.mark.parametrize(
    "text", ['{"x":%s,"event":"call.started","callId":"c"}', '{"event":%s}', '{"event":"bot.word","call_id":"c","x":%s}']
)
def test_a_frame_nested_too_deep_is_answered_and_stops_nothing(player, text: str, depth: int) -> None:
    answer = player.send_text(text % ("[" * depth + "]" * depth)).answers[0]
    assert answer.accepted + len(answer.rejected) == 1
    assert player.send([started()]).accepted == 1


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES.keys())
def test_any_value_in_a_sippet_record_stops_nothing(value) -> None:
    player = Player(make_source("sippet"))
    record = {"event": "call_ai_audit_event", "id": "a1", "call_uuid": "4b8d0f1e", "event_type": "tool_call", "tool_name": "find"}
    answer = send_raw(player, {**record, "tool_call_id": "t1", "tool_arguments": value, "tool_output": value, "total_tokens": value})
    assert answer.accepted == 1
    assert AuditEvent.objects.get().type == "tool_call"
    call_command("rebuild_calls", "--check", verbosity=0)


@pytest.mark.parametrize(
    "value",
    [1, "x", None, True, [], {}, [[]], {"event": 1}, {"event": ""}, {"frame": 1}, 10**400, float("nan"), "\ud800", VALUES["deep list"]],
)
def test_what_is_no_frame_is_a_dead_letter(player, value) -> None:
    answer = send_raw(player, value, started())
    assert [index for index, _ in answer.rejected] == [0]
    assert answer.accepted == 1
    assert DeadLetter.objects.get().error


def test_nesting_beyond_any_parser_is_a_dead_letter(player) -> None:
    answer = player.send_text("[" * 100_000 + "]" * 100_000).answers[0]
    assert len(answer.rejected) == 1
    assert len(DeadLetter.objects.get().frame) <= 65536


def test_an_impossible_call_id_is_a_dead_letter(player) -> None:
    answer = player.send([started(1, "C" * 201), started(2, "C" * 200)])
    assert [index for index, _ in answer.rejected] == [0]
    assert Call.objects.get().call_uuid == "C" * 200


def test_a_frame_cannot_name_a_file_of_ours(player) -> None:
    frames = [started(), frame("call.recording", 1, audio_sha256="x", stored={"file": "../../etc/passwd", "digest": "x"})]
    player.send(frames)
    assert "passwd" not in "".join(Entry.objects.values_list("frame", flat=True))
    assert not Call.objects.get().recordings.exists()
