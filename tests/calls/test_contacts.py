"""Contacts of calls: named by the call that changed last, and never changed behind the backs of open pages."""

import pytest

from callcenter.calls.models import Agent, Call, Contact
from callcenter.operators.models import Team
from tests.ingest.frames import CALL, frame, started
from tests.ingest.playing import Player, make_source

pytestmark = pytest.mark.django_db
OTHER = "CA00000000000000000000000000000002"


def named(name: str, call: str, at: float) -> dict[str, object]:
    return {**started(at), "call_id": call, "contact_name": name}


def test_the_newest_change_names_the_contact_and_a_frame_without_change_does_not() -> None:
    player = Player(make_source())
    player.send([named("Lena", CALL, 0)])
    player.send([named("Noor", OTHER, 1)])
    assert Contact.objects.get().name == "Noor"
    player.send([frame("something.unknown", 2, call_id=CALL)])
    assert Contact.objects.get().name == "Noor"


def test_of_two_calls_in_one_message_the_one_with_a_name_names_the_contact() -> None:
    player = Player(make_source())
    player.send([named("Lena", CALL, 0), {**started(1), "call_id": OTHER}])
    assert Contact.objects.get().name == "Lena"


def test_a_call_whose_contact_became_another_row_gets_a_revision(south: Team) -> None:
    player = Player(make_source())
    player.send([named("Lena", CALL, 0)])
    before = Call.objects.get()
    Agent.objects.update(team=south)
    player.writers[0].directory.clear()
    player.send([frame("something.unknown", 2)])
    after = Call.objects.get()
    assert after.contact_id != before.contact_id
    assert [contact.name for contact in Contact.objects.all()] == ["Lena", "Lena"]
    assert after.revision > before.revision
    player.send([frame("something.unknown", 3)])
    assert Call.objects.get().revision == after.revision
