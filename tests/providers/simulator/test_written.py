"""Chats and WhatsApp: messages, pieces, media, delivery reports, ends."""

import pytest

from callcenter.providers.simulator.world import Plan
from tests.providers.simulator.worlds import Scene

PLAN = Plan(calls=30, rate=15, speed=4, meters=0)


@pytest.fixture(scope="module")
def whatsapp():
    return Scene(PLAN, channels=("whatsapp",), providers=("pinecall",)).play(150)


@pytest.fixture(scope="module")
def chats():
    return Scene(PLAN, channels=("chat",), providers=("pinecall",)).play(90)


def test_messages_come_as_text_voice_notes_images_videos_and_documents(whatsapp):
    assert {one.fields["type"] for one in whatsapp.said("whatsapp.message")} == {"text", "audio", "image", "video", "document"}


def test_every_answer_is_sent_then_delivered_then_read_unless_it_fails(whatsapp):
    statuses: dict[str, list[str]] = {}
    for one in whatsapp.said("whatsapp.status"):
        statuses.setdefault(one.fields["messageId"], []).append(one.fields["status"])
    whole = [tuple(listed) for listed in statuses.values()]
    assert ("sent", "delivered", "read") in whole
    assert ("sent", "failed") in whole
    assert set(whole) <= {("sent",), ("sent", "delivered"), ("sent", "delivered", "read"), ("sent", "failed")}


def test_a_session_ends_with_everything_that_was_written(whatsapp):
    for said in whatsapp.by_call().values():
        if said[-1].event == "whatsapp.session_ended":
            written = [one.fields["text"] for one in said if one.event in ("whatsapp.message", "whatsapp.response")]
            assert [line["content"] for line in said[-1].fields["transcript"]] == written
            assert said[-1].fields["messageCount"] == len(written)


def test_the_agent_answers_nobody_who_has_not_written_yet(whatsapp):
    for said in whatsapp.by_call().values():
        events = [one.event for one in said if one.event in ("whatsapp.message", "whatsapp.response")]
        assert not events or events[0] == "whatsapp.message"


def test_chat_answers_come_whole_or_in_pieces(chats):
    answers = chats.said("bot.speaking")
    assert any(one.fields["messageId"] == "" for one in answers)
    pieces: dict[str, list[str]] = {}
    for one in answers:
        if one.fields["messageId"]:
            pieces.setdefault(one.fields["messageId"], []).append(one.fields["text"])
    assert any(len(line) > 3 for line in pieces.values())
    told = {line["content"] for one in chats.said("bridge.transcript") for line in one.fields["transcript"]}
    assert any("".join(line) in told for line in pieces.values())


def test_chats_complete_or_fail(chats):
    assert {one.fields["reason"] for one in chats.said("call.ended")} == {"chat_completed", "chat_error"}


def test_chat_lines_of_the_contact_have_no_id(chats):
    assert all(one.fields["messageId"] == "" for one in chats.said("user.message"))
