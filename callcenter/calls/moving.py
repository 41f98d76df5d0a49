"""An agent comes to another team: its calls and threads are somebody else's from then on."""

from callcenter.calls.models import Agent, Call, Thread
from callcenter.calls.revising import revising
from callcenter.operators.models import Team


def move_agent(agent: Agent, team: Team) -> int:
    """Give the agent to this team; returns the revision of it, which its live calls and its threads get too.

    Finished calls keep theirs: they may be many, and pages look up whose they are. The locks are those of ingest, in its order.
    """
    with revising(locked=True) as changed:
        threads = Thread.objects.select_for_update(no_key=True).filter(agent=agent).order_by("id")
        calls = Call.objects.live().select_for_update(no_key=True).filter(agent=agent).order_by("id")
        changed.threads = set(threads.values_list("pk", flat=True))
        changed.calls = set(calls.values_list("call_uuid", flat=True))
        changed.agents = {agent.pk}
        agent.team = team
        agent.save(update_fields=["team"])
    return changed.revision
