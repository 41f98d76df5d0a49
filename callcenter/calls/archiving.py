"""Moves what calls that are over for long left in the journal into its archive, so that the journal stays as small as the work."""

import time
from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from callcenter.calls.models import Call
from callcenter.journal.archive import put_away
from callcenter.journal.scopes import call_scope

TOGETHER = 20  # calls: some thousand entries, some ten milliseconds


def archive_before(before: datetime, together: int = TOGETHER) -> Iterator[tuple[int, int]]:
    """Archive ended calls of which nothing came since; yields (calls, entries) after each commit.

    Between two commits it rests as long as the last one took: whoever waits to write gets in.
    """
    while True:
        began = time.monotonic()
        calls, entries = _some(before, together)
        if not calls:
            return
        yield calls, entries
        time.sleep(time.monotonic() - began)


@transaction.atomic
def _some(before: datetime, together: int) -> tuple[int, int]:
    """Whoever writes to a call locks its row first: so these get no entry meanwhile. Those that somebody holds are left for later."""
    old = Call.objects.to_archive(before).order_by("ended_at").select_for_update(skip_locked=True, no_key=True, of=("self",))
    found = dict(old.values_list("pk", "call_uuid")[:together])
    entries = put_away([call_scope(uuid) for uuid in found.values()]) if found else 0
    Call.objects.filter(pk__in=found).update(archived=True)
    return len(found), entries
