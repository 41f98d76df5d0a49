"""The pages of the WhatsApp desk. Each is rendered from plain values that the feed builds in the same way."""

import json
from typing import Any, cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from callcenter.calls.models import Thread
from callcenter.console.floor import audience_of
from callcenter.console.giving import ask_whom
from callcenter.console.models import CannedReply, Draft
from callcenter.console.whatsapp.filters import ThreadFilters, read_thread_filters
from callcenter.console.whatsapp.list import load_list, thread_contact
from callcenter.console.whatsapp.loading import access_thread, load_parts
from callcenter.console.whatsapp.thread import thread_view
from callcenter.console.whatsapp.values import ThreadView
from callcenter.journal.revision import current_revision
from callcenter.operators.models import Operator


def reader_of(request: HttpRequest) -> Operator:
    return cast("Operator", request.user)


@require_GET
@never_cache
@login_required
def threads(request: HttpRequest) -> HttpResponse:
    """Every conversation the reader may see. The revision is read before the rows it stands for."""
    revision, filters = current_revision(), read_thread_filters(request.GET)
    return render(request, "whatsapp/list.html", _list(reader_of(request), filters) | {"revision": revision})


@require_GET
@never_cache
@login_required
def thread(request: HttpRequest, thread: int) -> HttpResponse:
    """One conversation beside the list."""
    revision, filters, reader = current_revision(), read_thread_filters(request.GET), reader_of(request)
    found = access_thread(reader, thread)
    draft = Draft.objects.filter(operator=reader, thread=found).values_list("text", flat=True).first()
    context = {
        "thread": view_of(found, reader),
        "draft": draft or "",
        "canned": CannedReply.objects.for_team(found.agent.team_id),
        "revision": revision,
    }
    return render(request, "whatsapp/thread.html", _list(reader, filters, found.pk) | context)


@require_GET
@never_cache
@login_required
def giving(request: HttpRequest, thread: int) -> HttpResponse:
    """Whom a supervisor may give the conversation to."""
    found = access_thread(reader_of(request), thread)
    url, back = reverse("whatsapp-reassign", args=[thread]), reverse("whatsapp-thread", args=[thread])
    return ask_whom(request, found, thread_contact(found), url=url, back=back, changes="thread-head")


def view_of(found: Thread, reader: Operator) -> ThreadView:
    """The thread as it is now."""
    now = timezone.now()
    return thread_view(found, reader, load_parts(found, reader, now), now)


def _list(reader: Operator, filters: ThreadFilters, current: int = 0) -> dict[str, Any]:
    screen = {"screen": "thread", "thread": current} if current else {"screen": "threads"}
    return {
        "threads": load_list(reader, audience_of(reader), filters, timezone.now(), current),
        "filters": filters,
        "view_json": json.dumps({**screen, **filters.values()}),
    }
