"""What follows from a role, and how role and Django rights stay in step."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from callcenter.operators.models import Operator, Team
from callcenter.operators.people import give_role


@pytest.mark.parametrize(
    ("role", "sees_everything", "can_act", "can_supervise"),
    [
        ("operator", False, True, False),
        ("supervisor", False, True, True),
        ("reviewer", False, False, False),
        ("admin", True, True, True),
    ],
)
def test_each_role_may_what_it_may(role: str, sees_everything: bool, can_act: bool, can_supervise: bool):
    operator = Operator(role=role)
    assert (operator.sees_everything, operator.can_act, operator.can_supervise) == (sees_everything, can_act, can_supervise)


def test_who_stops_being_admin_loses_the_django_admin():
    operator = Operator()
    rights = []
    for role in ("admin", "operator"):
        give_role(operator, role)
        rights.append((operator.is_staff, operator.is_superuser))
    assert rights == [(True, True), (False, False)]


@pytest.mark.django_db
def test_djangos_own_command_makes_an_admin(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse battery")
    call_command("createsuperuser", "--noinput", "--username", "ada", "--email", "ada@example.org", verbosity=0)
    assert Operator.objects.get().sees_everything


@pytest.mark.django_db
def test_the_database_refuses_an_unknown_role():
    with pytest.raises(IntegrityError), transaction.atomic():
        Operator.objects.create(username="eve", role="manager")


def test_people_are_found_by_team(supervisor: Operator, oskar: Operator, ines: Operator, north: Team, south: Team):
    assert set(Operator.objects.in_teams([north])) == {supervisor, oskar}
    assert list(Operator.objects.in_teams([north, south])) == [ines, oskar, supervisor]


def test_the_inactive_are_not_among_the_active(oskar: Operator, ines: Operator):
    ines.is_active = False
    ines.save(update_fields=["is_active"])
    assert list(Operator.objects.active()) == [oskar]
