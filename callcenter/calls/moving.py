"""What the console itself decides about an agent: its team, whose calls and threads they are from then on, and its name."""

from typing import Any

from callcenter.calls.models import Agent, Call, Thread
from callcenter.calls.revising import revising
from callcenter.operators.models import Team


def move_agent(agent: Agent, team: Team) -> int:
    """Give the agent to this team; returns the revision of it, which its live calls and its threads get too.

    Finished calls keep theirs: they may be many, and pages look up whose they are.
    """
    return _change(agent, team=team)


def rename_agent(agent: Agent, name: str) -> int:
    """Call the agent as people do; its live calls and its threads, which show the name, get the revision too."""
    return _change(agent, name=name)


def _change(agent: Agent, **values: Any) -> int:
    """The locks are those of ingest, in its order."""
    with revising(locked=True) as changed:
        threads = Thread.objects.select_for_update(no_key=True).filter(agent=agent).order_by("id")
        calls = Call.objects.live().select_for_update(no_key=True).filter(agent=agent).order_by("id")
        changed.threads = set(threads.values_list("pk", flat=True))
        changed.calls = set(calls.values_list("call_uuid", flat=True))
        changed.agents = {agent.pk}
        for field, value in values.items():
            setattr(agent, field, value)
        agent.save(update_fields=list(values))
    return changed.revision
