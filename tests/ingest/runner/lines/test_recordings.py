"""A recording that is larger than what the ingest socket takes comes in all the same, once, and in its place."""

import base64
import hashlib
import io
import json
import wave

import pytest

from callcenter.ingest.runner.large import door_of, is_large, known_host
from callcenter.providers.clients import Kind
from tests.e2e.outside import until
from tests.fakes.pinecall import PinecallService, serve_pinecall
from tests.ingest.frames import ended, frame, started
from tests.ingest.runner.lines.stage import Stage, set_up
from tests.ingest.runner.world import World

CALL = "CA-recorded"
FOUND = f"""
import json
from callcenter.calls.models import Recording
from callcenter.journal.models import Entry
rows = [[row.duration_ms, row.digest, row.file.size]
        for row in Recording.objects.filter(call__call_uuid={CALL!r})]
events = list(Entry.objects.filter(scope="call:{CALL}", origin="provider").order_by("n").values_list("event", flat=True))
print(json.dumps([rows, events]))
"""


def sound(megabytes: int) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(2)
        audio.setframerate(8000)
        audio.writeframes(bytes(range(256)) * 4096 * megabytes)
    return file.getvalue()


@pytest.mark.e2e
@pytest.mark.slow
def test_a_large_recording_of_a_direct_line_is_kept_while_ingest_is_away_and_comes_in_once(world: World, stage: Stage) -> None:
    service, audio = PinecallService(), sound(12)
    serving = serve_pinecall(service)
    stage.wait(serving.__aenter__())
    set_up(world, "recorded", Kind.PINECALL_DIRECT, options={"server": service.url}, secrets={"api_key": "pk_demo"}, agents=["frontdesk"])
    world.runner(SCRIPTED="0")
    until(lambda: "frontdesk" in service.holders, "registered")
    stage.wait(service.say(started(0, CALL)))
    until(lambda: json.loads(world.tell(FOUND))[1] == ["call.started"], "the call is known")
    world.console.kill()
    stage.wait(service.say(frame("call.dtmf_sent", 1, CALL, digits="1")))
    stage.wait(service.say(frame("call.recording", 2, CALL, audio=base64.b64encode(audio).decode(), format="wav")))
    stage.wait(service.say(ended(3, CALL)))
    # Perhaps with the first: the kill may have come between its commit and its acknowledgement.
    world.until_health("recorded", lambda health: health["spooled"] >= 3, "all wait on disk")
    world.console.start()
    found = until(lambda: len((now := json.loads(world.tell(FOUND)))[1]) == 4 and now, "all came in")
    stage.wait(serving.__aexit__(None, None, None))
    assert found[1] == ["call.started", "call.dtmf_sent", "call.recording", "call.ended"]
    assert found[0] == [[(len(audio) - 44) // 16, hashlib.sha256(audio).hexdigest(), len(audio)]]
    health = world.until_health("recorded", lambda health: not health["spooled"], "nothing waits")
    assert (health["relay"], health["trouble"]) == ("", "")


def test_the_door_for_large_frames_is_beside_the_socket_and_asked_under_a_name_that_the_server_knows(settings) -> None:
    assert door_of("wss://console.example/ws/ingest/berlin/") == "https://console.example/ingest/berlin/"
    settings.ALLOWED_HOSTS = [".example.org", "console.example"]
    assert known_host("http://127.0.0.1:8000/ingest/berlin/") == {"Host": "console.example"}
    assert known_host("https://console.example/ingest/berlin/") == {}
    assert is_large("é" * 4_194_305)
    assert not is_large("e" * 8_388_608)
