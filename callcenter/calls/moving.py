"""An agent comes to another team: its calls and threads are somebody else's from then on."""

from django.db import transaction

from callcenter.calls.models import Agent, Call, Thread
from callcenter.calls.states import touch_revision
from callcenter.operators.models import Team

TOGETHER = 500  # rows a statement


def move_agent(agent: Agent, team: Team) -> int:
    """Give the agent to this team; returns the revision of it, which its live calls and its threads get too.

    Finished calls keep theirs: they may be many, and pages look up whose they are. The locks are those of ingest, in its order.
    """
    with transaction.atomic():
        threads = list(Thread.objects.select_for_update().filter(agent=agent).order_by("id").values_list("pk", flat=True))
        calls = set(Call.objects.live().select_for_update().filter(agent=agent).order_by("id").values_list("call_uuid", flat=True))
        agent.team = team
        agent.save(update_fields=["team"])
        revision = touch_revision(calls, {agent.pk}, set(), set())
        for start in range(0, len(threads), TOGETHER):
            Thread.objects.filter(pk__in=threads[start : start + TOGETHER]).update(revision=revision)
    return revision
