"""Who has a name, the right password and an active account gets in; nobody else does."""

import re

import pytest
from django.test import Client

from callcenter.operators.models import Operator
from tests.conftest import PASSWORD


def log_in(client: Client, name: str, password: str = PASSWORD) -> bool:
    """Whether the login form let this person in."""
    client.post("/login/", {"username": name, "password": password})
    return "_auth_user_id" in client.session


def test_the_right_password_opens_the_console(client: Client, oskar: Operator):
    assert log_in(client, "oskar")


def test_a_login_leads_to_the_floor(client: Client, oskar: Operator):
    answer = client.post("/login/", {"username": "oskar", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_a_wrong_password_does_not(client: Client, oskar: Operator):
    assert not log_in(client, "oskar", "wrong")


def test_the_inactive_are_refused(client: Client, oskar: Operator):
    Operator.objects.update(is_active=False)
    assert not log_in(client, "oskar")


def test_who_becomes_inactive_is_out_at_the_next_request(client: Client, admin: Operator):
    client.force_login(admin)
    assert client.get("/admin/").status_code == 200
    Operator.objects.update(is_active=False)
    assert client.get("/admin/").status_code == 302


def test_an_operator_in_the_administration_is_told_why_not_and_can_sign_in_as_somebody_else(
    client: Client, oskar: Operator, admin: Operator
):
    client.force_login(oskar)
    page = client.get("/admin/", follow=True)
    assert "who may not see this page" in page.content.decode()
    address = re.search(r'<form class="fields" method="post" action="([^"]+)"', page.content.decode())
    assert address is not None
    mistyped = client.post(address[1], {"username": admin.username, "password": "wrong", "next": "/admin/"}).content.decode()
    assert "who may not see this page" in mistyped
    assert "login-error" in mistyped
    answer = client.post(address[1], {"username": admin.username, "password": PASSWORD, "next": "/admin/"})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200


def test_logging_out_takes_a_post(client: Client, oskar: Operator):
    client.force_login(oskar)
    assert client.get("/logout/").status_code == 405
    assert client.post("/logout/")["Location"] == "/login/"
    assert "_auth_user_id" not in client.session


def test_a_stolen_form_post_without_csrf_token_is_refused(oskar: Operator):
    client = Client(enforce_csrf_checks=True)
    assert client.post("/login/", {"username": "oskar", "password": PASSWORD}).status_code == 403


def test_a_form_of_somebody_who_is_signed_out_leads_to_signing_in_and_back_to_its_page(oskar: Operator):
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/calls/CA1/do/take-over/", headers={"Referer": "http://testserver/calls/CA1/?q=1#line-2"})
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/calls/CA1/%3Fq%3D1")
    assert "You are signed out, and nothing was done." in client.get(answer["Location"]).content.decode()
    inside = client.post("/calls/CA1/do/take-over/", headers={"HX-Request": "true"})
    assert (inside.status_code, "You are signed out" in inside.content.decode()) == (401, True)


@pytest.mark.parametrize("page", ["", "http://evil.example/calls/", "http://testserver//evil.example/", "javascript:alert(1)"])
def test_a_form_from_elsewhere_leads_to_no_other_place(page: str):
    answer = Client(enforce_csrf_checks=True).post("/me/seen/", headers={"Referer": page})
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/")


def test_a_form_that_is_too_old_is_refused_to_who_is_signed_in(oskar: Operator):
    client = Client(enforce_csrf_checks=True)
    client.force_login(oskar)
    answer = client.post("/me/seen/")
    assert (answer.status_code, "That form was no longer valid" in answer.content.decode()) == (403, True)


def test_every_answer_carries_the_strict_policy(client: Client, admin: Operator):
    client.force_login(admin)
    answer = client.get("/admin/")
    rules = {rule.strip() for rule in answer["Content-Security-Policy"].split(";")}
    assert rules == {
        "default-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    }
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
