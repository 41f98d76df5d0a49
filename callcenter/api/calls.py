"""Calls: the list, one call with all its lists, and the journal behind it."""

from time import time
from typing import Any

import orjson
from django.db.models import Exists, OuterRef, prefetch_related_objects
from django.http import HttpRequest
from ninja import Path, Query, Router

from callcenter.api import call_json, schema
from callcenter.api.auth import reader
from callcenter.api.filters import CallQuery, NumberQuery, filtered, refuse_unknown
from callcenter.api.paging import page_by_number, page_by_revision
from callcenter.api.times import rfc3339, rfc3339_epoch
from callcenter.calls.limits import limits
from callcenter.calls.live_state import LiveCall, store
from callcenter.calls.models import Call, Tombstone
from callcenter.console.loading import access_call
from callcenter.journal.archive import Archived, archived_after
from callcenter.journal.models import Entry
from callcenter.journal.scopes import call_scope
from callcenter.operators.models import Operator

router = Router(tags=["calls"])
PARTS = ("lines", "tools", "audit", "notes", "participants", "recordings")


@router.get("/", response={200: schema.CallPage, **schema.LISTED}, summary="Calls, in the order in which they changed", exclude_unset=True)
def list_calls(request: HttpRequest, query: Query[CallQuery]) -> dict[str, Any]:
    """Without their lists. To follow what changes, ask again with the last `revision` that you got as `since`.

    A live call that comes to another team changes too; finished calls of an agent that moved are read by `agent`.
    """
    refuse_unknown(request, query)
    operator = reader(request)
    # Before the calls: one that is back by then is among them.
    gone = {} if query.since is None or query.cursor else {"deleted": deleted_since(operator, query.since)}
    calls = filtered(Call.objects.visible_to(operator).for_rows(), query)
    found, following = page_by_revision(calls, query.since, query.cursor, query.limit)
    live, now, silence = live_of(found), time(), limits()
    return {"results": [call_json.summary(call, live.get(call.call_uuid), now, silence) for call in found], "next": following, **gone}


@router.get(
    "/{anything:call_uuid}/events/",
    response={200: schema.EventPage, **schema.FOUND, **schema.LISTED},
    summary="The journal of a call, in the order of arrival",
)
def list_events(request: HttpRequest, call_uuid: Path[str], query: Query[NumberQuery]) -> dict[str, Any]:
    """Every durable frame about the call as it came, and the console's own facts (`origin` console)."""
    refuse_unknown(request, query)
    access_call(reader(request), call_uuid)
    found, following = page_of_journal(call_scope(call_uuid), query.cursor, query.limit)
    return {"results": [event_json(entry) for entry in found], "next": following}


@router.get("/{anything:call_uuid}/", response={200: schema.CallDetail, **schema.FOUND, **schema.LISTED}, summary="One call with its lists")
def show_call(request: HttpRequest, call_uuid: Path[str]) -> dict[str, Any]:
    """While the call is live, the transcript holds what is being said now."""
    refuse_unknown(request)
    call = access_call(reader(request), call_uuid)
    prefetch_related_objects([call], *PARTS)  # after the row, so that its revision never promises too much
    return call_json.detail(call, live_of([call]).get(call_uuid), time(), limits())


def deleted_since(operator: Operator, revision: int) -> list[str]:
    """The call_uuid of what was deleted after this revision and is not back, of the operator's teams."""
    stones = Tombstone.objects.filter(revision__gt=revision).order_by("revision", "id")
    if not operator.sees_everything:
        stones = stones.filter(team__in=operator.teams.values("pk"))
    back = Call.objects.filter(call_uuid=OuterRef("call_uuid"))
    return list(stones.filter(~Exists(back)).values_list("call_uuid", flat=True))


def live_of(calls: list[Call]) -> dict[str, LiveCall]:
    """Live state by call_uuid, of those that are not over."""
    return store().get([call.call_uuid for call in calls if call.status != "completed"])


def page_of_journal(scope: str, cursor: str, limit: int) -> tuple[list[Entry | Archived], str | None]:
    """One page of entries, archived ones first, and the cursor of the next. What is archived while we read is in both."""
    entries, following = page_by_number(Entry.objects.filter(scope=scope), "n", cursor, limit)
    archived = list(archived_after({scope: int(cursor or 0)}))
    found: list[Entry | Archived] = [*archived, *(entry for entry in entries if not archived or entry.n > archived[-1].n)]
    return (found[:limit], str(found[limit - 1].n)) if len(found) > limit else (found, following)


def event_json(entry: Entry | Archived) -> dict[str, Any]:
    return {
        "n": entry.n,
        "event": entry.event,
        "origin": entry.origin,
        "received_at": rfc3339(entry.received_at),
        "ts": rfc3339_epoch(entry.ts),
        "seq": entry.seq,
        "frame": orjson.loads(entry.frame),
    }
