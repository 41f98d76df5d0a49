"""Calls that are deleted leave a tombstone with a revision: open pages and the API find it as they find a change."""

from datetime import datetime, timedelta

from callcenter.calls.models import Thread, Tombstone
from callcenter.calls.querysets import CallQuerySet
from callcenter.calls.revising import lock_rows, revising

KEEP = timedelta(days=7)
PRUNED_TOGETHER = 500


def delete_calls(calls: CallQuerySet) -> int:
    """The only way to delete calls; returns the revision of it, 0 when there were none or a larger transaction gives it."""
    with revising() as changed:
        lock_rows(Thread.objects.filter(calls__in=calls))
        gone = list(calls.select_for_update(of=("self",)).select_related("agent", "connection").order_by("id"))
        calls.model._default_manager.filter(pk__in=[call.pk for call in gone]).delete()
        changed.gone = {call.call_uuid: call.agent.team_id if call.agent else call.connection.team_id for call in gone}
    return changed.revision


def prune_tombstones(now: datetime) -> int:
    """Forget the oldest of those that everybody has read by now; returns how many."""
    old = Tombstone.objects.filter(deleted_at__lt=now - KEEP).order_by("deleted_at").values("pk")[:PRUNED_TOGETHER]
    return Tombstone.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0]
