"""A phone of one's own: written down by oneself, checked, and where calls go that one answers by voice."""

import pytest
from django.test import Client

from callcenter.operators.models import AuditLine, Operator
from tests.console.team.test_agents import text_of


@pytest.fixture
def desk(client: Client, oskar: Operator) -> Client:
    client.force_login(oskar)
    return client


def phone_of(who: Operator) -> str:
    return str(Operator.objects.get(pk=who.pk).phone)


def test_it_is_kept_as_it_is_dialled_and_shown_as_people_write_it(desk: Client, oskar: Operator):
    answer = desk.post("/me/phone/save/", {"phone": "+44 (0)20 7946-0177"}, follow=True)
    assert phone_of(oskar) == "+442079460177"
    assert "Saved." in text_of(answer)
    assert 'value="+44 20 7946 0177"' in answer.content.decode()
    line = AuditLine.objects.get()
    assert (line.action, line.target, line.detail) == ("own_phone", "operator:oskar", {"phone": "+442079460177"})


def test_a_sip_address_will_do_and_an_empty_field_takes_it_away(desk: Client, oskar: Operator):
    desk.post("/me/phone/save/", {"phone": "sip:oskar@desk.example"})
    assert phone_of(oskar) == "sip:oskar@desk.example"
    desk.post("/me/phone/save/", {"phone": "  "})
    assert phone_of(oskar) == ""


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("020 7946 0177", "with + and the country code"),
        ("+44123", "too few or too many digits"),
        ("sip:oskar", "looks like sip:name@host"),
        ("sip:oskar@" + "x" * 300, "looks like sip:name@host"),
        ("<b>", "with + and the country code"),
    ],
)
def test_what_cannot_be_dialled_is_shown_again_with_the_reason(desk: Client, oskar: Operator, written: str, words: str):
    Operator.objects.filter(pk=oskar.pk).update(phone="+442079460177")
    answer = desk.post("/me/phone/save/", {"phone": written})
    assert answer.status_code == 422
    assert words in text_of(answer)
    assert phone_of(oskar) == "+442079460177"
    assert not AuditLine.objects.exists()


def test_the_way_there_is_in_the_menu_of_those_who_have_a_desk(desk: Client, reviewer: Operator):
    assert 'href="/me/phone/"' in desk.get("/calls/").content.decode()
    desk.force_login(reviewer)
    assert 'href="/me/phone/"' not in desk.get("/calls/").content.decode()
