"""Hold, mute, tones and recordings."""

import json
from hashlib import sha256
from typing import Any

from callcenter.domain.decoded import Decoded
from callcenter.domain.events.lifecycle import RecordingReceived
from callcenter.domain.events.telephony import DtmfReceived, DtmfSent, HoldChanged, MuteChanged
from callcenter.providers.decode import decode
from tests.providers.contract import named


def read(event: str, **fields: Any) -> Decoded:
    return decode("pinecall", {"event": event, "callId": "CA1", **fields})


def test_hold_and_mute_are_switched() -> None:
    for event, kind, on in (
        ("call.held", HoldChanged, True), ("call.unheld", HoldChanged, False), ("call.muted", MuteChanged, True),
        ("call.unmuted", MuteChanged, False),
    ):  # fmt: skip
        found = read(event).event
        assert isinstance(found, HoldChanged | MuteChanged)
        assert (type(found), found.on) == (kind, on)


def test_what_was_said_while_muted_comes_with_the_end_of_it() -> None:
    for said, transcript in (("hello?", "hello?"), (None, ""), (5, "")):
        event = read("call.unmuted", mutedTranscript=said).event
        assert isinstance(event, MuteChanged)
        assert event.transcript == transcript


def test_tones_are_text() -> None:
    sent = read("call.dtmf_sent", digits="57#").event
    assert isinstance(sent, DtmfSent)
    assert sent.digits == "57#"
    assert read("call.dtmf_sent", digits=57).event is None


def test_a_key_press_may_miss_one_of_its_two_fields() -> None:
    for fields, digit, digits in (({"digit": "2", "digits": "12"}, "2", "12"), ({"digits": "12"}, "2", "12"), ({"digit": "2"}, "2", "")):
        event = read("call.dtmf_received", **fields).event
        assert isinstance(event, DtmfReceived)
        assert (event.digit, event.digits) == (digit, digits)
    assert read("call.dtmf_received").event is None


def test_a_recording_is_handed_over_beside_the_frame() -> None:
    frame = named("pinecall-wire", "call.recording")
    read_ = decode("pinecall", frame)
    assert isinstance(read_.event, RecordingReceived)
    assert (read_.event.duration_ms, read_.event.sample_rate, read_.event.format) == (20, 8000, "wav")
    assert read_.audio == frame["audio"]
    assert "audio" not in read_.frame
    assert read_.frame["audio_sha256"] == sha256(frame["audio"].encode()).hexdigest()
    assert read_.frame["audio_length"] == len(frame["audio"])


def test_the_stored_frame_of_a_recording_is_still_one() -> None:
    read_ = decode("pinecall", named("pinecall-wire", "call.recording"))
    again = decode("pinecall", read_.frame)
    assert (again.event, again.frame, again.audio) == (read_.event, read_.frame, "")


def test_audio_leaves_every_envelope() -> None:
    inner = {"event": "call.recording", "callId": "CA1", "audio": "UklGRg=="}
    for frame in (
        {"seq": 1, "frame": inner},
        {"event": "call.recording", "data": inner},
        {"seq": 1, "frame": {"event": "call.recording", "data": json.dumps(inner)}},
    ):
        read_ = decode("pinecall", frame)
        assert read_.audio == "UklGRg=="
        assert "UklGRg" not in json.dumps(read_.frame)


def test_a_recording_without_audio_has_no_effect() -> None:
    assert read("call.recording", durationMs=20).event is None
    assert read("call.recording", audio=["UklGRg=="]).event is None


def test_audio_of_no_call_is_not_stored_either() -> None:
    read_ = decode("pinecall", {"event": "call.recording", "audio": "UklGRg=="})
    assert (read_.event, read_.audio) == (None, "")
    assert "UklGRg" not in json.dumps(read_.frame)


def test_a_format_is_a_plain_word() -> None:
    for given, kept in (("WAV", "wav"), ("mp3", "mp3"), ("../../x", "wav"), (5, "wav")):
        event = read("call.recording", audio="UklGRg==", format=given).event
        assert isinstance(event, RecordingReceived)
        assert event.format == kept
