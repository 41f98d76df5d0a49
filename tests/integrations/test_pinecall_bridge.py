"""The bridge under Node, with an agent that behaves as the contract says, and the real console at the other end of a bad line."""

import io
import json
import random
import subprocess
import sys
import time
import wave
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.e2e.outside import House, Json, move_in, until
from tests.integrations.customer import TOKEN, Cable, Customer, customer
from tests.servers import ROOT, Console

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

ASK = """
import sys
from django.utils import timezone
from callcenter.calls.models import Call
from callcenter.commands.outbox import Target, enqueue
from callcenter.domain.commands.order import Order, Verb
for line in sys.stdin:
    uuid, digits = line.split()
    call = Call.objects.for_rows().get(call_uuid=uuid)
    order = Order(verb=Verb.DTMF, agent=call.agent.slug, call=uuid, digits=digits)
    enqueue(order, Target(call.connection, call.agent, call=call), now=timezone.now(), key=digits, expires_s=60)
"""
STATES = "import json; from callcenter.commands.models import Command; print(json.dumps({c.order['digits']: c.state for c in Command.objects.all()}))"
GIVE = """
from callcenter.journal.models import Connection
from callcenter.operators.tokens import digest
Connection.objects.filter(slug="pinecall-north").update(token_digest=digest({token!r}))
"""
ERROR = "from callcenter.journal.models import Connection; print(Connection.objects.get(slug='pinecall-north').last_error)"


@pytest.fixture(scope="module")
def house(console: Console) -> House:
    return move_in(console)


@pytest.fixture
def cable(house: House) -> Iterator[Cable]:
    laid = Cable(house.console.url)
    yield laid
    laid.close()


@pytest.fixture
def desk(cable: Cable) -> Iterator[Customer]:
    with customer(cable.ws_url) as started:
        yield started


def tone(milliseconds: int) -> bytes:
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\x10\x20" * (8 * milliseconds))
    return sound.getvalue()


def is_there(house: House, uuid: str, status: str = "answered") -> bool:
    answer = house.api.ask(f"calls/{uuid}/")
    return answer.status_code == 200 and answer.json()["status"] == status


def journal(house: House, uuid: str) -> Counter[str]:
    """How often each event of this call stands in the journal."""
    return Counter(entry["event"] for entry in house.api.events(uuid))


def test_frames_come_once_whatever_is_cut_and_restarted(house: House, cable: Cable, desk: Customer) -> None:
    chance, told = random.Random(5), Counter[str]()
    calls = [f"CA{number:032}" for number in range(10)]
    story = [
        ("user.message", {"messageId": "u1", "text": "I need an appointment"}), ("bot.speaking", {"messageId": "m1", "text": "Thursday?"}),
        ("bot.word", {"messageId": "m1", "word": "Thursday?", "wordIndex": 0}), ("message.confirmed", {"messageId": "m1", "text": "Thursday?"}),
        ("call.held", {}), ("call.unheld", {}), ("call.dtmf_sent", {"digits": "1"}), ("user.message", {"messageId": "u2", "text": "Yes"}),
    ]  # fmt: skip
    steps = [(call, step) for step in range(len(story) + 2) for call in calls]
    cuts = set(chance.sample(range(1, len(steps)), 20))
    for number, (call, step) in enumerate(steps):
        if number in cuts:
            before = cable.opened
            cable.cut()
            if chance.random() < 0.7:  # otherwise the next frames are told while it is down
                until(lambda before=before: cable.opened > before, "a new line")  # type: ignore[misc]
        if number == len(steps) // 2:
            house.console.restart()
        if step == 0:
            desk.do("start", call=call)
        elif step <= len(story):
            event, fields = story[step - 1]
            desk.do("tell", call=call, event=event, fields=fields)
        else:
            desk.do("end", call=call)
    until(lambda: all(is_there(house, call, "completed") for call in calls), "the end of every call")
    told.update(["call.started", "bridge.transcript", "call.ended", *(event for event, _ in story if event != "bot.word")])
    for call in calls:
        until(lambda call=call: journal(house, call).total() >= told.total(), "the whole story")  # type: ignore[misc]
        found = journal(house, call)
        assert {event: count for event, count in found.items() if event in told} == told
        assert not {event for event in found if event.startswith("call.") and event not in told} - {"call.found"}
        line = house.api.call(call)
        assert [words["text"] for words in line["transcript"]] == ["I need an appointment", "Thursday?", "Yes"]
        assert (line["held"], [key["digits"] for key in line["dtmf"]]) == (False, ["1"])
    assert cable.opened > 20


def test_commands_work_after_every_cut_and_none_is_passed_on_twice(house: House, cable: Cable, desk: Customer) -> None:
    call, asked = "CA-commands", []
    desk.do("start", call=call)
    until(lambda: is_there(house, call), "the call")
    asking = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", ASK], env=house.console.env, cwd=ROOT, stdin=subprocess.PIPE, text=True
    )
    assert asking.stdin is not None
    try:
        for digit in "12345":
            asking.stdin.write(f"{call} {digit}\n")
            asking.stdin.flush()
            asked.append(digit)
            until(lambda digit=digit: [c["digits"] for c in desk.commands].count(digit), "the command at the agent")  # type: ignore[misc]
            until(lambda: [key["digits"] for key in house.api.call(call)["dtmf"]] == asked, "its effect")
            before = cable.opened
            cable.cut()
            until(lambda before=before: cable.opened > before, "a new line")  # type: ignore[misc]
    finally:
        asking.stdin.close()
        asking.wait()
    assert [command["digits"] for command in desk.commands] == asked
    assert json.loads(house.console.manage("shell", "--no-imports", "-c", STATES).splitlines()[-1]) == dict.fromkeys(asked, "confirmed")


def test_recordings_are_uploaded_when_the_line_is_back(house: House, cable: Cable, desk: Customer, tmp_path: Path) -> None:
    call, file = "CA-recorded", tmp_path / "late.wav"
    file.write_bytes(tone(1500))
    desk.do("start", call=call)
    until(lambda: is_there(house, call), "the call")
    cable.take_out()
    desk.do("tell", call=call, event="call.recording", fields={"audio": b64encode(tone(500)).decode(), "durationMs": 500, "format": "wav"})
    desk.do("record", call=call, source=str(file))
    until(lambda: cable.turned_away > 4, "tries that fail")
    cable.put_in()
    recordings = until(lambda: len(found := house.api.call(call)["recordings"]) == 2 and found, "both recordings")
    assert sorted(recording["duration_ms"] for recording in recordings) == [500, 1500]
    assert journal(house, call)["recording.stored"] == 2


def give_token(house: House, token: str) -> None:
    """The connection takes this token and no other; lines that are open stay so."""
    house.console.manage("shell", "--no-imports", "-c", GIVE.format(token=token))


def test_an_upload_to_which_the_token_is_denied_is_told_of_and_kept_for_the_next_line(house: House, cable: Cable, desk: Customer) -> None:
    call, files = "CA-denied", [tone(300), tone(700)]
    desk.do("start", call=call)
    until(lambda: is_there(house, call), "the call")
    give_token(house, "another-token")
    for sound in files:
        desk.do("tell", call=call, event="call.recording", fields={"audio": b64encode(sound).decode(), "format": "wav"})
    until(lambda: "denies the token" in desk.warnings, "a warning")
    until(lambda: "denies the token" in house.console.manage("shell", "--no-imports", "-c", ERROR), "a failure that the console shows")
    assert house.api.call(call)["recordings"] == []
    give_token(house, TOKEN)
    cable.cut()
    until(lambda: len(house.api.call(call)["recordings"]) == 2, "both recordings")
    assert desk.warnings.count("denies the token") == 1


def test_closing_waits_for_uploads_but_not_for_ever(house: House, cable: Cable) -> None:
    call = "CA-closing"
    for ms, comes_back in ((60_000, True), (300, False)):
        with customer(cable.ws_url) as desk, ThreadPoolExecutor(1) as other:
            desk.do("start", call=call)
            until(lambda: is_there(house, call), "the call")
            cable.take_out()
            desk.do("tell", call=call, event="call.recording", fields={"audio": b64encode(tone(400)).decode(), "format": "wav"})
            turned_away = cable.turned_away
            closing = other.submit(desk.do, "close", ms=ms)
            if comes_back:
                until(lambda before=turned_away: cable.turned_away > before + 2, "tries that fail")  # type: ignore[misc]
                cable.put_in()
            closing.result()
            assert ("Closed before the console took 1 uploads" in desk.warnings) is not comes_back
        cable.put_in()
        assert len(house.api.call(call)["recordings"]) == 1


def test_a_gap_is_reported_and_filled_from_the_customers_store(house: House, cable: Cable) -> None:
    call = "CA-gap"
    lines = [f"This is line number {number}" for number in range(60)]
    with customer(cable.ws_url, buffer={"frames": 40, "bytes": 1 << 20}) as desk:
        desk.do("start", call=call)
        until(lambda: is_there(house, call), "the call")
        cable.take_out()
        desk.do("flood", call=call, event="bot.word", fields={"messageId": "m1", "word": "well"}, times=500)
        for number, text in enumerate(lines):
            desk.do("tell", call=call, event="user.message", fields={"messageId": f"u{number}", "text": text})
        kept: Json = {
            "callId": call,
            "agentId": "frontdesk",
            "status": "ended",
            "reason": "hangup",
            "startedAt": time.time() - 60,
            "duration": 60,
        }
        kept["transcript"] = [{"role": "user", "content": text} for text in lines]
        desk.do("keep", record={**kept, "status": "active"})
        desk.do("lose")  # the voice socket too: the SDK forgets the call and never tells its end
        cable.put_in()
        until(lambda: is_there(house, call), "the console")
        tried = len(desk.of("asked"))
        until(lambda: len(desk.of("asked")) > tried + 1, "another try with what is not over")
        desk.do("keep", record=kept)
        until(lambda: is_there(house, call, "completed"), "the end that only the store knows")
        until(lambda: [line["text"] for line in house.api.call(call)["transcript"]] == lines, "every line once")
        until(lambda: "durable frames of 1 calls" in house.console.manage("shell", "--no-imports", "-c", ERROR), "the report")
    assert house.api.call(call)["end_reason"] == "hangup"
    assert 0 < journal(house, call)["user.message"] < len(lines)
    assert journal(house, call)["bridge.history"] == 1
