"""Pages. Each is rendered from plain values that the feed builds in the same way."""

import json
from dataclasses import asdict
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from callcenter.calls.limits import limits
from callcenter.calls.live_state import store
from callcenter.calls.models import Call
from callcenter.console.calldesk.loading import load_controls
from callcenter.console.calldesk.values import FORMS
from callcenter.console.days import read_past_filters
from callcenter.console.filters import read_filters
from callcenter.console.floor import audience_of
from callcenter.console.history import history_row
from callcenter.console.loading import access_call, agents_for, load_call, load_floor
from callcenter.console.pages import BoundedPaginator
from callcenter.journal.revision import current_revision
from callcenter.operators.models import Operator

PAGE_SIZE = 50


def _reader(request: HttpRequest) -> Operator:
    return cast("Operator", request.user)


@require_GET
@never_cache
@login_required
def floor(request: HttpRequest) -> HttpResponse:
    """Every live call the reader may see, attention first. The revision is read before the rows it stands for."""
    revision, filters = current_revision(), read_filters(request.GET)
    audience = audience_of(_reader(request))
    shown = load_floor(audience, filters)
    return render(
        request,
        "console/floor.html",
        {
            "rows_attention": shown.attention,
            "rows_progress": shown.progress,
            "counters": shown.counters,
            "connections": shown.connections,
            "filters": filters,
            "agents": agents_for(audience),
            "revision": revision,
            "view_json": json.dumps({"screen": "floor", **asdict(filters)}),
        },
    )


@require_GET
@never_cache
@login_required
def call(request: HttpRequest, call_uuid: str) -> HttpResponse:
    """One call, live and over."""
    revision, reader = current_revision(), _reader(request)
    found = access_call(reader, call_uuid)
    context = {
        "call": load_call(found, audience_of(reader)),
        "controls": load_controls(found, reader, timezone.now()),
        "desk_forms": FORMS if reader.can_act else (),
        "revision": revision,
        "view_json": json.dumps({"screen": "call", "call": call_uuid}),
    }
    return render(request, "console/call.html", context)


@require_GET
@never_cache
@login_required
def history(request: HttpRequest) -> HttpResponse:
    """All calls, newest first."""
    (filters, problems), reader = read_past_filters(request.GET), _reader(request)
    calls = filters.narrow(Call.objects.visible_to(reader)).for_rows().order_by("-started_at", "-id")
    page = BoundedPaginator(calls, PAGE_SIZE).get_page(request.GET.get("page"))
    live = store().get([item.call_uuid for item in page.object_list if item.status != "completed"])
    now, silence = timezone.now().timestamp(), limits()
    rows: list[Any] = [history_row(item, live.get(item.call_uuid), now, silence) for item in page.object_list]
    page.object_list = rows
    context = {"page": page, "filters": filters, "problems": problems, "agents": agents_for(audience_of(reader))}
    return render(request, "console/history.html", context)


@require_GET
def icon(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """For what asks for /favicon.ico unbidden: where the icon of every page lies."""
    return redirect(static("favicon.svg"))
