"""What administrators keep for the desks."""

import pytest
from django.test import Client

from callcenter.console.models import Destination
from callcenter.operators.models import Operator, Team


@pytest.fixture
def desk(client: Client, admin: Operator) -> Client:
    client.force_login(admin)
    return client


def test_a_destination_is_kept_as_it_is_dialled(desk: Client, north: Team):
    desk.post("/admin/console/destination/add/", {"name": "Duty phone", "number": "+44 20 7946 0177", "team": north.pk})
    desk.post("/admin/console/destination/add/", {"name": "Head office", "number": "sip:office@desk.example", "team": ""})
    assert list(Destination.objects.values_list("name", "number", "team")) == [
        ("Duty phone", "+442079460177", north.pk),
        ("Head office", "sip:office@desk.example", None),
    ]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("020 7946 0177", "with + and the country code"),
        ("sip:office", "looks like sip:name@host"),
        ("+44123", "too few or too many digits"),
    ],
)
def test_what_cannot_be_dialled_is_not_saved_and_the_reason_stands_beside_it(desk: Client, number: str, words: str):
    answer = desk.post("/admin/console/destination/add/", {"name": "Duty phone", "number": number, "team": ""})
    assert words in answer.content.decode()
    assert not Destination.objects.exists()


def test_a_name_stands_once_for_everybody(desk: Client):
    for number in ("+442079460177", "+442079460178"):
        answer = desk.post("/admin/console/destination/add/", {"name": "Duty phone", "number": number, "team": ""})
    assert answer.status_code == 200
    assert Destination.objects.count() == 1
