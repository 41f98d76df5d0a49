"""``add_operator`` adds a person who can log in, and prints a token that opens the API."""

from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command

from callcenter.operators import tokens
from callcenter.operators.models import Operator, Team

pytestmark = pytest.mark.django_db
PASSWORD = "four words of mine"


def add(name: str, *options: str) -> list[str]:
    """The lines the command prints."""
    output = StringIO()
    call_command("add_operator", name, "--password", PASSWORD, *options, stdout=output)
    return output.getvalue().splitlines()


def test_a_person_is_added_to_a_team_that_is_made_for_it():
    add("oskar", "--role", "operator", "--team", "North")
    operator = Operator.objects.get(username="oskar")
    assert [team.name for team in operator.teams.all()] == ["North"]
    assert (operator.role, operator.is_staff, operator.is_superuser) == ("operator", False, False)
    assert authenticate(username="oskar", password=PASSWORD) == operator


def test_without_a_team_it_is_the_default_one():
    add("oskar", "--role", "supervisor")
    assert Team.objects.get().name == "Default"


def test_an_admin_opens_the_django_admin():
    add("ada", "--role", "admin")
    operator = Operator.objects.get()
    assert operator.is_staff
    assert operator.is_superuser


def test_the_last_line_is_a_token_on_request():
    lines = add("oskar", "--role", "operator", "--api-token")
    assert lines[-1].startswith("op_")
    assert tokens.find(lines[-1]) == Operator.objects.get()


def test_without_the_request_there_is_no_token():
    assert "op_" not in "".join(add("oskar", "--role", "operator"))


def test_a_name_that_is_taken_is_refused_and_nothing_changes():
    add("oskar", "--role", "operator")
    with pytest.raises(CommandError, match="already"):
        add("oskar", "--role", "admin", "--team", "South")
    assert Operator.objects.get().role == "operator"
    assert not Team.objects.filter(name="South").exists()


@pytest.mark.parametrize("name", ["", "two words", "x" * 151])
def test_a_name_nobody_could_type_is_refused(name: str):
    with pytest.raises(CommandError, match="cannot be a name"):
        add(name, "--role", "operator")


def test_an_unknown_role_is_refused():
    with pytest.raises(CommandError, match="invalid choice"):
        add("oskar", "--role", "manager")


def test_a_team_that_is_new_is_named_for_it_may_be_a_slip_of_the_keyboard(capsys: pytest.CaptureFixture[str]):
    add("oskar", "--role", "operator", "--team", "Sypport")
    assert capsys.readouterr().err == 'Team "Sypport" is new and was made.\n'
    add("ines", "--role", "operator", "--team", "Sypport")
    assert capsys.readouterr().err == ""


def test_no_team_is_announced_when_nobody_was_added(capsys: pytest.CaptureFixture[str]):
    add("oskar", "--role", "operator")
    capsys.readouterr()
    with pytest.raises(CommandError):
        add("oskar", "--role", "operator", "--team", "Sypport")
    assert capsys.readouterr().err == ""


def test_a_password_that_is_too_easy_is_refused_in_words_and_nobody_is_added():
    with pytest.raises(CommandError, match="too short"):
        call_command("add_operator", "oskar", "--role", "operator", "--password", "short")
    assert not Operator.objects.exists()
