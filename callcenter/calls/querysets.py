"""Verbs on calls. ``visible_to`` is the only rule of who may see a call; everything shown passes through it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from callcenter.calls.models import Call, Thread  # noqa: F401  named in base classes
    from callcenter.operators.models import Operator


LIVE = ("dialing", "ringing", "answered")


class CallQuerySet(models.QuerySet["Call"]):
    """Chainable, without evaluation."""

    def visible_to(self, operator: Operator) -> CallQuerySet:
        """Calls of the operator's teams: through the agent, or without one through the connection."""
        if operator.sees_everything:
            return self
        return self.in_teams(operator.teams.values_list("pk", flat=True))

    def in_teams(self, teams: Iterable[int] | None) -> CallQuerySet:
        """Calls that belong to these teams (ids); None = to any."""
        if teams is None:
            return self
        wanted = list(teams)
        return self.filter(Q(agent__team__in=wanted) | Q(agent=None, connection__team__in=wanted))

    def live(self) -> CallQuerySet:
        """By the states it may be in: no index answers what it is not."""
        return self.filter(status__in=LIVE)

    def to_archive(self, before: datetime) -> CallQuerySet:
        """Over, nothing came of them since, and their journal is not archived yet."""
        return self.filter(~Q(status__in=LIVE), archived=False, ended_at__lt=before, heard_at__lt=before)

    def for_rows(self) -> CallQuerySet:
        """With what a row of the floor or of the API needs, in one query."""
        return self.select_related("agent", "connection", "contact", "holder", "thread__holder")

    def for_floor(self) -> CallQuerySet:
        """For many rows at once, without agents and connections: they are few, so the caller shares them."""
        return self.select_related("contact", "holder", "thread__holder")


class ThreadQuerySet(models.QuerySet["Thread"]):
    """Chainable, without evaluation. A thread belongs to the team of its agent."""

    def visible_to(self, operator: Operator) -> ThreadQuerySet:
        if operator.sees_everything:
            return self
        return self.in_teams(operator.teams.values_list("pk", flat=True))

    def in_teams(self, teams: Iterable[int] | None) -> ThreadQuerySet:
        """Threads whose agents belong to these teams (ids); None = to any."""
        return self if teams is None else self.filter(agent__team__in=list(teams))

    def changed_since(self, revision: int) -> ThreadQuerySet:
        return self.filter(revision__gt=revision)

    def for_rows(self) -> ThreadQuerySet:
        """With what a row of the WhatsApp desk needs, in one query."""
        return self.select_related("agent__connection", "contact", "holder")
