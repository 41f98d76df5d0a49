"""The contract's sample files through the real doors: whatever way they come, the read API tells their stories."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

from tests.e2e.answers import revisions, told, words
from tests.e2e.outside import House, Json, Line, until
from tests.ingest.playing import check_same, shuffled
from tests.providers.contract import sample
from tests.servers import WAIT_S

# Both files of a provider tell the same calls, so each is put together with one of the other provider.
PAIRS = (("pinecall-wire", "sippet-flat"), ("pinecall-stream", "sippet-phoenix"))
NewHouse = Callable[[], AbstractContextManager[House]]
Story = Callable[[tuple[str, str]], Json]
QUIET_LOOKS = 50  # in a row, 2.5 s or more; counted, because a clock also runs on while the machine rests

DENTIST, REMINDER = "CA5d2e91b7c04f4a6e8b1d3f7a90c2e614", "CA2f6d8b0e95c14a73b8d17e6f3a0c4d59"
VISITOR, WHATSAPP = "e07c2f4a-51d8-4b9e-8a36-c1f0d7b29e43", "wa-3c9f10b2d7e8"
BOILER, LENA, OPEN_TODAY = (
    "4b8d0f1e-92c7-4a56-b3e1-7d60c2a9f518", "c71a5e90-3f4d-48b2-8e06-a92d1b7f0c43", "19e6d7b4-a05c-4d38-92f1-6b8c3e7a50d2",
)  # fmt: skip


def line_for(house: House, file: str) -> Line:
    return house.pinecall if file.startswith("pinecall") else house.sippet


def batches(frames: list[Any], size: int = 17) -> Iterator[list[Any]]:
    for start in range(0, len(frames), size):
        yield frames[start : start + size]


def settled(house: House) -> Json:
    """The answer once nothing moves any more: pieces that only silence ends are settled by the console itself."""
    last, looks = revisions(house.api), 0

    def rests() -> bool:
        nonlocal last, looks
        now = revisions(house.api)
        last, looks = now, looks + 1 if now == last else 0
        return looks == QUIET_LOOKS

    until(rests, "a quiet console")
    return told(house.api)


def check_told(house: House, story: Json) -> None:
    """Fail with the differences when this story, and no other, is not told before long."""
    try:
        until(lambda: told(house.api) == story, "the story")
    except AssertionError:
        check_same(told(house.api), story)
        raise


@pytest.fixture(scope="module")
def kept() -> dict[tuple[str, str], Json]:
    return {}


@pytest.fixture
def story(kept: dict[tuple[str, str], Json], new_house: NewHouse) -> Story:
    """What a pair of files tells that came in order over the socket, into an empty database; asked once for each pair."""

    def ask(files: tuple[str, str]) -> Json:
        if files not in kept:
            with new_house() as house:
                for file in files:
                    for frames in batches(sample(file)):
                        line_for(house, file).send(*frames)
                kept[files] = settled(house)
        return kept[files]

    return ask


@pytest.mark.parametrize("files", PAIRS)
def test_pinecall_tells_its_story(files: tuple[str, str], story: Story):
    calls = story(files)["calls"]
    dentist, reminder, visitor, chat = (calls[uuid] for uuid in (DENTIST, REMINDER, VISITOR, WHATSAPP))
    assert (dentist["status"], dentist["channel"], dentist["direction"]) == ("completed", "phone", "inbound")
    assert words(dentist)[:4] == [
        ("agent", "Good morning, Harbour Dental. How can I help?", "final"),
        ("contact", "I need to move my", "final"),
        ("contact", "appointment to Thursday morning", "final"),
        ("agent", "I can offer nine o'clock or", "interrupted"),
    ]
    assert [tool["name"] for tool in dentist["tools"]][:2] == ["findSlots", "bookSlot"]
    assert dentist["tools"][0]["result"] == {"slots": ["09:00", "10:40"]}
    assert [sound["format"] for sound in dentist["recordings"]] == ["wav"]
    assert (reminder["direction"], reminder["end_reason"]) == ("outbound", "hangup")
    assert (visitor["channel"], visitor["end_reason"]) == ("webrtc", "max_duration")
    assert chat["thread_id"] == "pinecall-north:frontdesk:447700900983"
    assert chat["contact"]["name"] == "Noor"
    assert [(line["text"], line["delivery"]) for line in chat["transcript"] if line["speaker"] == "operator"] == [
        ("Hello Noor, this is Petra from the practice. Can you come at half past five?", "read"),
        ("Only your insurance card.", "read"),
    ]


@pytest.mark.parametrize("files", PAIRS)
def test_sippet_tells_its_story(files: tuple[str, str], story: Story):
    calls = {uuid: call for uuid, call in story(files)["calls"].items() if call["provider"] == "sippet"}
    assert {uuid: call["status"] for uuid, call in calls.items()} == dict.fromkeys((BOILER, LENA, OPEN_TODAY), "completed")
    boiler = calls[BOILER]
    assert words(boiler) == [
        ("agent", "Rivera Plumbing, what can I do for you?", "final"),
        ("contact", "My boiler leaks.", "final"),
        ("agent", "Dana can be there in forty minutes.", "final"),
        ("operator", "Hello, I have booked Dana for you by hand.", "final"),
    ]
    assert (boiler["duration_s"], boiler["ended_at"]) == (55, "2026-07-01T14:03:05.000Z")
    assert [stay["role"] for stay in boiler["participants"]] == ["caller", "ai_agent", "operator"]
    assert "tool_call" in [event["type"] for event in boiler["audit"]]


@pytest.mark.parametrize("files", PAIRS)
def test_over_http_it_tells_the_same(files: tuple[str, str], story: Story, new_house: NewHouse):
    expected = story(files)
    with new_house() as house:
        for file in files:
            assert line_for(house, file).post(sample(file))["rejected"] == []
        check_told(house, expected)


@pytest.mark.parametrize("files", PAIRS)
def test_shuffled_it_tells_the_same_and_sent_again_it_changes_nothing(files: tuple[str, str], story: Story, new_house: NewHouse):
    expected = story(files)
    with new_house() as house:
        for file in files:
            line = line_for(house, file)
            for frames in batches(shuffled(file.partition("-")[0], sample(file), random.Random(file))):
                line.send(*frames)
        check_told(house, expected)
        before = revisions(house.api)
        for file in files:
            line = line_for(house, file)
            line.sent = 0
            for frames in batches(sample(file)):
                answer = line.send(*frames)
                assert (answer["duplicates"], answer["accepted"]) == (len(frames), 0)
        assert revisions(house.api) == before
        for file in files:
            line_for(house, file).post(sample(file))
        check_told(house, expected)
        house.check()


@pytest.mark.parametrize("files", PAIRS)
def test_cut_anywhere_and_resumed_it_tells_the_same(files: tuple[str, str], story: Story, new_house: NewHouse):
    """The sender loses its socket before it hears an answer, again and again, and the server is killed once."""
    expected = story(files)
    with new_house() as house:
        for file in files:
            line = line_for(house, file)
            for number, frames in enumerate(batches(sample(file), 7)):
                if number % 3 == 2:
                    line.lose(frames)
                if number == 4 and file == files[0]:
                    house.console.restart()
                line.send(*frames)
        check_told(house, expected)
        house.check()


@pytest.mark.parametrize("files", PAIRS[:1])
def test_two_senders_take_turns_on_the_calls_of_one_connection(files: tuple[str, str], story: Story, new_house: NewHouse):
    """Through different web processes where there are two; envelopes of both are under way at the same time."""
    pinecall, sippet = files
    expected = story(files)
    with new_house() as house:
        house.sippet.post(sample(sippet))
        lines = [house.pinecall.through(number % len(house.console.ports)) for number in range(2)]
        sockets = [line.open() for line in lines]
        for number, frames in enumerate(batches(sample(pinecall), 3)):
            lines[number % 2].sent += 1
            sockets[number % 2].send(lines[number % 2].message(lines[number % 2].sent, frames))
        for line, socket in zip(lines, sockets, strict=True):
            answers = [json.loads(socket.recv(timeout=WAIT_S)) for _ in range(line.sent)]
            assert [answer["ack"] for answer in answers] == list(range(1, line.sent + 1))
            assert not any(answer["rejected"] for answer in answers)
            socket.close()
        check_told(house, expected)
        house.check()
