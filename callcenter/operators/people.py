"""Bring people into the console and keep their rights in step with their role."""

from django.db import IntegrityError, transaction

from callcenter.operators import roles
from callcenter.operators.models import Operator, Team

DEFAULT_TEAM = "Default"


class NameTakenError(Exception):
    """Someone of this name exists already."""


def team_named(name: str) -> Team:
    """The team of this name, made when it is new."""
    team, _ = Team.objects.get_or_create(name=name)
    return team


def give_role(operator: Operator, role: str) -> None:
    """Set the role and the Django rights that follow from it; the caller saves."""
    operator.role = role
    operator.is_staff = roles.may_administer(role)
    operator.is_superuser = roles.may_administer(role)


def add_person(name: str, role: str, password: str, teams: list[str]) -> Operator:
    """Make an operator of these teams. Raises NameTakenError when the name exists."""
    operator = Operator(username=name)
    give_role(operator, role)
    operator.set_password(password)
    try:
        with transaction.atomic():
            operator.save()
            operator.teams.set([team_named(team) for team in teams])
    except IntegrityError as error:
        raise NameTakenError(name) from error
    return operator
