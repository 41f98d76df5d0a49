"""Ingest over HTTP: one frame, an array, NDJSON or an envelope; recordings as they are."""

import io
import wave
from hashlib import sha256

import orjson
import pytest
from django.core.files.storage import default_storage

from callcenter.calls.models import Call, Recording, TranscriptEntry
from callcenter.ingest import views
from callcenter.ingest.message import MAX_FRAMES
from callcenter.journal.models import Connection, DeadLetter, Entry
from tests.ingest.doors import Door
from tests.ingest.frames import CALL, ended, level, said, started


def counts(accepted: int = 0, duplicates: int = 0, ack: int | None = None) -> dict[str, object]:
    return {"ack": ack, "accepted": accepted, "duplicates": duplicates, "rejected": []}


def lines(*frames: object) -> bytes:
    return b"\n".join(frame.encode() if isinstance(frame, str) else orjson.dumps(frame) for frame in frames)


def tone(milliseconds: int = 250) -> bytes:
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\x10\x20" * (8 * milliseconds))
    return sound.getvalue()


async def test_one_frame(door: Door) -> None:
    assert await door.post(started()) == (202, counts(1))
    assert (await Call.objects.aget()).call_uuid == CALL


async def test_an_array(door: Door) -> None:
    assert await door.post([started(), said(1, "hello", "u1"), level()]) == (202, counts(3))


async def test_lines_of_json(door: Door) -> None:
    body = lines(started(), "", said(1, "hello", "u1"), level()) + b"\n\n"
    assert await door.post(body) == (202, counts(3))


async def test_lines_of_which_some_cannot_be_read(door: Door) -> None:
    status, answer = await door.post(lines(started(), "{broken", said(1, "hello", "u1")))
    assert (status, answer["accepted"]) == (202, 2)
    assert [item["index"] for item in answer["rejected"]] == [1]
    assert (await DeadLetter.objects.aget()).frame == "{broken"


async def test_an_envelope_is_taken_once(door: Door) -> None:
    envelope = {"stream": "s", "id": 3, "frames": [said(None, "hello"), level()]}
    assert await door.post(envelope) == (202, counts(2, ack=3))
    assert await door.post(envelope) == (202, counts(duplicates=2, ack=3))


async def test_an_idempotency_key_makes_unmarked_frames_exactly_once(door: Door) -> None:
    body = lines(started(None), said(None, "hello"))
    assert await door.post(body, key="first") == (202, counts(2))
    assert await door.post(body, key="first") == (202, counts(duplicates=2))
    assert await Entry.objects.acount() == 2


async def test_without_key_and_marks_frames_are_taken_at_least_once(door: Door) -> None:
    for _ in range(2):
        assert await door.post(said(None, "hello")) == (202, counts(1))
    assert await Entry.objects.acount() == 2


@pytest.mark.parametrize("body", [b"", b"nothing", b"{\n[\n", b'"text"', b'{"no": "event"}', b"\xff\xfe"])
async def test_a_body_of_which_nothing_can_be_read_is_refused(door: Door, body: bytes) -> None:
    status, answer = await door.post(body)
    assert status == 400
    assert (answer["accepted"], answer["duplicates"]) == (0, 0)
    assert answer["rejected"]


@pytest.mark.parametrize("token", [None, "", "in_wrong"])
async def test_a_wrong_token_is_refused(door: Door, token: str | None) -> None:
    status, answer = await door.post(started(), token=token)
    assert status == 401
    assert "error" in answer
    assert not await Entry.objects.aexists()


async def test_an_unknown_or_disabled_connection_is_refused_alike(door: Door) -> None:
    unknown = await door.post(started(), slug="nowhere")
    await Connection.objects.aupdate(enabled=False)
    assert await door.post(started()) == unknown
    assert unknown[0] == 401


async def test_only_post_is_understood(door: Door) -> None:
    assert (await door.http.get("/ingest/bridge/")).status_code == 405


async def test_a_body_beyond_the_limit_is_refused(door: Door, monkeypatch) -> None:
    monkeypatch.setattr(views, "MAX_BODY", 100)
    assert await door.post(said(1, "x" * 200, "u1")) == (413, {"error": "too_large"})
    assert not await Entry.objects.aexists()


async def test_more_frames_than_a_socket_message_may_have_are_taken_in_pieces(door: Door) -> None:
    frames = [said(number, f"line {number}", f"u{number}") for number in range(MAX_FRAMES + 50)]
    assert await door.post(lines(*frames)) == (202, counts(len(frames)))
    assert await door.post(lines(*frames)) == (202, counts(duplicates=len(frames)))
    assert await TranscriptEntry.objects.acount() == len(frames)


async def test_a_large_envelope_is_taken_once_too(door: Door) -> None:
    frames = [said(None, f"line {number}") for number in range(MAX_FRAMES + 50)]
    envelope = {"stream": "s", "id": 3, "frames": frames}
    assert await door.post(envelope) == (202, counts(len(frames), ack=3))
    assert await door.post(envelope) == (202, counts(duplicates=len(frames), ack=3))
    assert await door.post({**envelope, "id": 2}) == (202, counts(duplicates=len(frames), ack=2))
    assert await Entry.objects.acount() == len(frames)


async def test_rejected_frames_of_a_large_body_keep_their_numbers(door: Door) -> None:
    frames: list[object] = [said(number, f"line {number}", f"u{number}") for number in range(MAX_FRAMES + 5)]
    frames[MAX_FRAMES + 2] = {"no": "event"}
    _, answer = await door.post(lines(*frames))
    assert [item["index"] for item in answer["rejected"]] == [MAX_FRAMES + 2]


# Recordings


async def test_a_recording_is_attached_and_never_reopens_the_call(door: Door) -> None:
    await door.post([started(), ended(60)])
    assert await door.put(CALL, tone()) == (202, counts(1))
    recording = await Recording.objects.aget(call__call_uuid=CALL)
    assert (recording.duration_ms, recording.sample_rate, recording.format) == (250, 8000, "wav")
    with default_storage.open(str(recording.file.name)) as file:
        assert file.read() == tone()
    call = await Call.objects.aget()
    assert (call.status, call.end_reason) == ("completed", "hangup")


async def test_the_same_audio_twice_is_one_recording_in_one_file(door: Door) -> None:
    await door.post(started())
    await door.put(CALL, tone())
    assert await door.put(CALL, tone()) == (202, counts(duplicates=1))
    recording = await Recording.objects.aget()
    assert recording.digest == sha256(tone()).hexdigest()
    assert await Entry.objects.filter(event="recording.stored").acount() == 1


async def test_two_recordings_of_a_call_are_both_kept(door: Door) -> None:
    await door.post(started())
    await door.put(CALL, tone(250))
    await door.put(CALL, tone(500))
    assert await Recording.objects.acount() == 2


async def test_a_recording_may_come_before_its_call_is_known(door: Door) -> None:
    assert await door.put(CALL, tone()) == (202, counts(1))
    assert await Recording.objects.filter(call__call_uuid=CALL).aexists()


async def test_what_is_no_audio_is_refused(door: Door) -> None:
    await door.post(started())
    status, answer = await door.put(CALL, b"<html>not a sound</html>")
    assert status == 400
    assert "WAV" in answer["error"]
    assert not await Recording.objects.aexists()


async def test_a_stranger_cannot_attach_a_recording(door: Door) -> None:
    await door.post(started())
    status, _ = await door.put(CALL, tone(), token="in_wrong")
    assert status == 401


async def test_a_recording_beyond_the_limit_is_refused(door: Door, monkeypatch) -> None:
    monkeypatch.setattr(views, "MAX_BODY", 100)
    assert await door.put(CALL, tone()) == (413, {"error": "too_large"})
