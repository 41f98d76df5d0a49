"""What each role may do, as plain functions of the role's name."""

from django.db import models


class Role(models.TextChoices):
    OPERATOR = "operator", "Operator"
    SUPERVISOR = "supervisor", "Supervisor"
    REVIEWER = "reviewer", "Reviewer"
    ADMIN = "admin", "Admin"


def sees_every_team(role: str) -> bool:
    """Admins see the calls of every team; everyone else those of their own teams."""
    return role == Role.ADMIN


def may_act(role: str) -> bool:
    """Reviewers read and listen; everyone else may also take over, answer and steer."""
    return role != Role.REVIEWER


def may_supervise(role: str) -> bool:
    """Whether the role answers for other people's calls."""
    return role in {Role.SUPERVISOR, Role.ADMIN}


def may_administer(role: str) -> bool:
    """Whether the role opens the Django admin; Operator.is_staff and is_superuser follow this."""
    return role == Role.ADMIN
