"""Calls that are deleted leave a tombstone with a revision: open pages and the API find it as they find a change."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from callcenter.calls.models import Tombstone
from callcenter.calls.querysets import CallQuerySet
from callcenter.journal.revision import next_revision

KEEP = timedelta(days=7)
PRUNED_TOGETHER = 500


def delete_calls(calls: CallQuerySet) -> int:
    """The only way to delete calls; returns the revision of it, 0 when there were none. Call it last in the transaction."""
    with transaction.atomic():
        gone = list(calls.select_for_update(of=("self",)).select_related("agent", "connection").order_by("id"))
        if not gone:
            return 0
        calls.model._default_manager.filter(pk__in=[call.pk for call in gone]).delete()
        now, revision = timezone.now(), next_revision()
        stones = [
            Tombstone(
                call_uuid=call.call_uuid,
                team_id=call.agent.team_id if call.agent else call.connection.team_id,
                deleted_at=now,
                revision=revision,
            )
            for call in gone
        ]
        fields = ["team", "deleted_at", "revision"]
        Tombstone.objects.bulk_create(stones, update_conflicts=True, unique_fields=["call_uuid"], update_fields=fields)
    return revision


def prune_tombstones(now: datetime) -> int:
    """Forget the oldest of those that everybody has read by now; returns how many."""
    old = Tombstone.objects.filter(deleted_at__lt=now - KEEP).order_by("deleted_at").values("pk")[:PRUNED_TOGETHER]
    return Tombstone.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()[0]
