"""Who has a name, the right password and an active account gets in; nobody else does."""

import re

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
