"""WhatsApp messages, answers, delivery and sessions."""

from typing import Any

import pytest

from callcenter.domain.decoded import Decoded
from callcenter.domain.events.lifecycle import CallAnswered, CallEnded
from callcenter.domain.events.whatsapp import WhatsAppAnswered, WhatsAppDelivered, WhatsAppReceived
from callcenter.providers.decode import decode
from tests.providers.contract import named


def read(event: str, **fields: Any) -> Decoded:
    return decode("pinecall", {"event": event, "agent": "desk", **fields})


def test_a_message_names_its_contact_kind_and_pause() -> None:
    fields = {"from": "447700900983", "name": "Noor", "type": "audio", "text": "it hurts", "messageId": "wamid.1", "paused": True}
    read_ = read("whatsapp.message", sessionId="wa-1", **fields)
    event = read_.event
    assert isinstance(event, WhatsAppReceived)
    assert (event.contact, event.name, event.kind, event.text, event.paused) == ("447700900983", "Noor", "audio", "it hurts", True)
    assert (event.call, event.channel, read_.identified) == ("wa-1", "whatsapp", True)


def test_a_message_without_type_is_text_and_without_flag_says_nothing_of_pauses() -> None:
    event = read("whatsapp.message", sessionId="wa-1", text="Hi", paused="no").event
    assert isinstance(event, WhatsAppReceived)
    assert (event.kind, event.paused, event.contact) == ("text", None, "")


def test_an_answer_is_human_only_by_its_source() -> None:
    for source, human in (("human", True), ("model", False), (None, False)):
        event = read("whatsapp.response", sessionId="wa-1", to="+447700900983", text="Yes", source=source).event
        assert isinstance(event, WhatsAppAnswered)
        assert (event.human, event.contact, event.message_id) == (human, "447700900983", "")


def test_a_delivery_report_is_about_a_contact_of_an_agent() -> None:
    read_ = decode("pinecall", named("pinecall-wire", "whatsapp.status"))
    assert read_.event == WhatsAppDelivered(agent="frontdesk", contact="447700900983", status="sent", message_id="wamid.HBgO71")
    assert (read_.call, read_.contact) == ("", "447700900983")


@pytest.mark.parametrize(
    "fields",
    [{"status": "deleted"}, {"status": 1}, {"messageId": ""}, {"recipient": None}, {"recipient": "nobody"}],
)
def test_a_delivery_report_that_nobody_can_place_has_no_effect(fields: dict[str, Any]) -> None:
    whole = {"status": "failed", "recipient": "447700900983", "messageId": "wamid.1"}
    assert read("whatsapp.status", **whole).event is not None
    broken = read("whatsapp.status", **{**whole, **fields})
    assert (broken.event, broken.durable, broken.known) == (None, True, True)


def test_a_session_starts_and_ends_with_its_contact() -> None:
    for form in ("pinecall-wire", "pinecall-stream"):
        started = decode("pinecall", named(form, "whatsapp.session_started" if form == "pinecall-wire" else "whatsapp.started"))
        assert isinstance(started.event, CallAnswered)
        assert (started.event.contact_name, started.event.contact, started.contact) == ("Noor", "447700900983", "447700900983")
        ended = decode("pinecall", named(form, "whatsapp.session_ended"))
        assert isinstance(ended.event, CallEnded)
        assert (ended.event.reason, ended.event.duration, len(ended.event.record)) == ("idle_timeout", 7241, 7)
        assert (ended.event.contact, ended.event.contact_name, ended.call) == ("447700900983", "Noor", "wa-3c9f10b2d7e8")
