"""People, teams and tokens in the Django admin."""

import re

import pytest
from django.contrib.messages import get_messages
from django.test import Client

from callcenter.operators import tokens
from callcenter.operators.models import ApiToken, Operator, Team


def admin_client(client: Client, admin: Operator) -> Client:
    client.force_login(admin)
    return client


def test_only_admins_come_in(client: Client, supervisor: Operator):
    client.force_login(supervisor)
    assert client.get("/admin/operators/operator/").status_code == 302


def test_lists_open_and_search(client: Client, admin: Operator, oskar: Operator, ines: Operator):
    tokens.issue(oskar, "laptop")
    admin_client(client, admin)
    people = client.get("/admin/operators/operator/?q=North").content.decode()
    assert "oskar" in people
    assert ">ines<" not in people
    assert client.get("/admin/operators/team/?q=nor").status_code == 200
    assert "laptop" in client.get("/admin/operators/apitoken/?q=oskar").content.decode()
    assert client.get("/admin/operators/operator/?role__exact=operator&is_active__exact=1").status_code == 200


def test_a_team_shows_how_many_people_it_has(client: Client, admin: Operator, supervisor: Operator, oskar: Operator):
    found = admin_client(client, admin).get("/admin/operators/team/").content.decode()
    assert re.search(r'class="field-people">2<', found)


def test_a_person_made_in_the_admin_gets_the_rights_of_the_role(client: Client, admin: Operator, north: Team):
    form = {"username": "vera", "usable_password": "true", "password1": "xQ7-rain-gate", "password2": "xQ7-rain-gate"}
    admin_client(client, admin).post("/admin/operators/operator/add/", {**form, "role": "admin", "teams": [north.pk]})
    vera = Operator.objects.get(username="vera")
    assert vera.is_superuser
    assert list(vera.teams.all()) == [north]


def test_a_changed_role_changes_the_rights(client: Client, admin: Operator, oskar: Operator):
    address = f"/admin/operators/operator/{oskar.pk}/change/"
    admin_client(client, admin).post(address, {"username": "oskar", "role": "admin", "is_active": "on"})
    oskar.refresh_from_db()
    assert oskar.is_superuser
    client.post(address, {"username": "oskar", "role": "reviewer", "is_active": "on"})
    oskar.refresh_from_db()
    assert not oskar.is_superuser


@pytest.mark.parametrize(("role", "team", "warned"), [("operator", False, True), ("reviewer", True, False), ("admin", False, False)])
def test_who_is_saved_without_a_team_is_saved_and_warned_of(
    client: Client, admin: Operator, oskar: Operator, north: Team, role: str, team: bool, warned: bool
):
    form = {"username": "oskar", "role": role, "is_active": "on", "teams": [north.pk] if team else []}
    answer = admin_client(client, admin).post(f"/admin/operators/operator/{oskar.pk}/change/", form)
    oskar.refresh_from_db()
    assert (oskar.role, oskar.teams.count()) == (role, int(team))
    found = [message for message in get_messages(answer.wsgi_request) if message.level_tag == "warning"]
    assert [str(message) for message in found] == warned * ["oskar belongs to no team and sees no calls: choose one under Teams."]


def test_a_token_is_issued_and_its_text_shown_once(client: Client, admin: Operator, oskar: Operator):
    action = {"action": "issue_token", "_selected_action": [oskar.pk]}
    answer = admin_client(client, admin).post("/admin/operators/operator/", action)
    shown = " ".join(str(message) for message in get_messages(answer.wsgi_request))
    plaintext = re.search(r"op_\S+", shown)
    assert plaintext
    assert tokens.find(plaintext[0]) == oskar
    client.get("/admin/")
    assert plaintext[0] not in client.get("/admin/operators/apitoken/").content.decode()


def test_tokens_are_read_and_revoked_but_never_changed_or_deleted(client: Client, admin: Operator, oskar: Operator):
    token, plaintext = tokens.issue(oskar, "laptop")
    admin_client(client, admin)
    assert client.get("/admin/operators/apitoken/add/").status_code == 403
    assert client.post(f"/admin/operators/apitoken/{token.pk}/delete/").status_code == 403
    assert client.post(f"/admin/operators/apitoken/{token.pk}/change/", {"name": "x"}).status_code == 403
    client.post("/admin/operators/apitoken/", {"action": "revoke_tokens", "_selected_action": [token.pk]})
    assert tokens.find(plaintext) is None
    assert ApiToken.objects.count() == 1


def test_the_phone_of_a_person_is_checked_and_kept_as_it_is_dialled(client: Client, admin: Operator, oskar: Operator):
    address, form = f"/admin/operators/operator/{oskar.pk}/change/", {"username": "oskar", "role": "operator", "is_active": "on"}
    desk = admin_client(client, admin)
    assert "with + and the country code" in desk.post(address, {**form, "phone": "12"}).content.decode()
    assert desk.post(address, {**form, "phone": "+44 20 7946 0177"}).status_code == 302
    oskar.refresh_from_db()
    assert oskar.phone == "+442079460177"
