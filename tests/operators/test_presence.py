"""Presence: by hand, by what happens, and by the signs of a browser."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from callcenter.operators import presence
from callcenter.operators.models import Operator, Presence
from tests.conftest import PASSWORD

NOW = datetime(2026, 7, 1, 14, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def shown(operator: Operator) -> tuple[str, str, bool]:
    row = Presence.objects.get(operator=operator)
    return row.state, row.reason, row.by_hand


def test_people_say_that_they_are_ready_or_why_not(oskar: Operator):
    assert presence.set_by_hand(oskar, "not_ready", "  Lunch\n with  Ines\x00 ", NOW)
    assert shown(oskar) == ("not_ready", "Lunch with Ines", True)
    assert presence.set_by_hand(oskar, "ready", "ignored", NOW)
    assert shown(oskar) == ("ready", "", True)


@pytest.mark.parametrize("state", ["on_call", "", "asleep"])
def test_nobody_chooses_what_only_happens(oskar: Operator, state: str):
    assert not presence.set_by_hand(oskar, state, "", NOW)
    assert not Presence.objects.exists()


def test_a_call_leads_to_wrap_up_and_wrap_up_to_ready(oskar: Operator, settings):
    settings.WRAP_UP_S = 60
    presence.set_by_hand(oskar, "ready", "", NOW)
    presence.took_call(oskar.pk, NOW)
    assert shown(oskar) == ("on_call", "", False)
    presence.left_call(oskar.pk, later(10))
    assert shown(oskar) == ("wrap_up", "", False)
    assert presence.end_wrap_ups(later(69)) == 0
    assert presence.end_wrap_ups(later(70)) == 1
    assert shown(oskar) == ("ready", "", False)


def test_wrap_up_ends_in_what_was_before_the_call(oskar: Operator, settings):
    settings.WRAP_UP_S = 60
    presence.set_by_hand(oskar, "not_ready", "Training", NOW)
    presence.took_call(oskar.pk, NOW)
    presence.left_call(oskar.pk, later(10))
    assert presence.end_wrap_ups(later(70)) == 1
    assert shown(oskar) == ("not_ready", "Training", False)


def test_who_never_said_that_they_are_ready_is_not_after_a_call(oskar: Operator, settings):
    settings.WRAP_UP_S = 60
    presence.took_call(oskar.pk, NOW)
    presence.left_call(oskar.pk, NOW)
    presence.end_wrap_ups(later(60))
    assert shown(oskar) == ("not_ready", "", False)


def test_a_call_taken_while_wrapping_up_leads_back_to_what_was_before_both(oskar: Operator, settings):
    settings.WRAP_UP_S = 60
    presence.set_by_hand(oskar, "ready", "", NOW)
    for at in (0, 20):
        presence.took_call(oskar.pk, later(at))
        presence.left_call(oskar.pk, later(at + 10))
    assert presence.end_wrap_ups(later(90)) == 1
    assert shown(oskar) == ("ready", "", False)


def test_wrap_up_by_hand_goes_on_after_a_call(oskar: Operator, settings):
    settings.WRAP_UP_S = 60
    presence.set_by_hand(oskar, "wrap_up", "", NOW)
    presence.took_call(oskar.pk, NOW)
    presence.left_call(oskar.pk, NOW)
    assert presence.end_wrap_ups(later(60)) == 1
    assert shown(oskar) == ("wrap_up", "", True)
    assert presence.end_wrap_ups(later(10**6)) == 0


def test_without_a_time_wrap_up_ends_by_hand_alone(oskar: Operator, settings):
    settings.WRAP_UP_S = 0
    presence.took_call(oskar.pk, NOW)
    presence.left_call(oskar.pk, NOW)
    assert presence.end_wrap_ups(later(10**6)) == 0
    assert shown(oskar)[0] == "wrap_up"


def test_wrap_up_by_hand_lasts_until_they_say_otherwise(oskar: Operator):
    presence.set_by_hand(oskar, "wrap_up", "", NOW)
    assert presence.end_wrap_ups(later(10**6)) == 0


def test_what_is_chosen_during_a_call_outlasts_it(oskar: Operator):
    presence.took_call(oskar.pk, NOW)
    presence.set_by_hand(oskar, "not_ready", "End of shift", NOW)
    presence.left_call(oskar.pk, NOW)
    assert shown(oskar) == ("not_ready", "End of shift", True)


def test_an_undone_call_leaves_what_was_before(oskar: Operator):
    presence.set_by_hand(oskar, "not_ready", "Training", NOW)
    presence.took_call(oskar.pk, NOW)
    presence.undid_call(oskar.pk, NOW)
    assert shown(oskar)[:2] == ("not_ready", "Training")


def test_an_undone_call_leaves_the_wrap_up_of_the_one_before_to_end_when_it_would_have(oskar: Operator, settings):
    settings.WRAP_UP_S = 60
    presence.set_by_hand(oskar, "ready", "", NOW)
    presence.took_call(oskar.pk, NOW)
    presence.left_call(oskar.pk, later(10))
    presence.took_call(oskar.pk, later(30))
    presence.undid_call(oskar.pk, later(35))
    assert shown(oskar) == ("wrap_up", "", False)
    assert presence.end_wrap_ups(later(69)) == 0
    assert presence.end_wrap_ups(later(70)) == 1
    assert shown(oskar) == ("ready", "", False)
    presence.took_call(oskar.pk, later(80))
    presence.undid_call(oskar.pk, later(85))
    assert shown(oskar) == ("ready", "", False)


def test_who_signs_out_is_not_ready_and_who_signs_in_is_there_again(client: Client, oskar: Operator):
    client.post("/login/", {"username": "oskar", "password": PASSWORD})
    presence.set_by_hand(oskar, "ready", "", NOW)
    client.post("/logout/")
    assert shown(oskar) == ("not_ready", "Signed out", False)
    client.post("/login/", {"username": "oskar", "password": PASSWORD})
    assert shown(oskar) == ("not_ready", "", False)


def test_signs_of_browsers_cost_one_update_for_everybody(oskar: Operator, ines: Operator):
    presence.seen([oskar.pk, ines.pk], NOW)
    with CaptureQueriesContext(connection) as queries:
        presence.seen([oskar.pk, ines.pk], later(10))
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 1
    assert set(Presence.objects.values_list("seen_at", flat=True)) == {later(10)}


def test_every_post_is_a_sign_and_a_look_is_none(client: Client, oskar: Operator):
    client.force_login(oskar)
    client.get("/")
    assert not Presence.objects.exists()
    client.post("/")  # whatever comes of it
    assert Presence.objects.get(operator=oskar).seen_at is not None


def test_gone_is_whose_browser_was_not_seen_for_long_and_nobody_else(oskar: Operator, ines: Operator, reviewer: Operator, settings):
    settings.AWAY_AFTER_S = 120
    presence.seen([oskar.pk], NOW)
    presence.seen([ines.pk], later(60))
    everybody = [oskar.pk, ines.pk, reviewer.pk]
    assert presence.gone(everybody, later(121)) == {oskar.pk}
    assert presence.gone(everybody, later(242)) == {oskar.pk, ines.pk, reviewer.pk}  # of rita nothing was known before the first look
