"""The one address of everything that is done on a call: ``/calls/<call>/do/<action>/``."""

from hashlib import blake2s
from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST
from django_htmx.middleware import HtmxDetails

from callcenter.calls.holding import held_of
from callcenter.calls.revising import in_one
from callcenter.commands.rights import may_act
from callcenter.commands.takeover import Actor, Refused, allow
from callcenter.console.calldesk.actions import ACTIONS
from callcenter.console.calldesk.loading import load_controls
from callcenter.console.giving import ask_whom
from callcenter.console.loading import access_call
from callcenter.console.naming import contact_name
from callcenter.operators import audit
from callcenter.operators.models import Operator

OUT = "You were signed out. Sign in again in another tab; what you wrote stays here."
# What makes two clicks of the same button different: what they say, and which press of a tone it is.
SAID = (
    "text", "digits", "press", "to", "note", "level", "command", "reason", "saved", "message", "language", "agent", "greeting",
)  # fmt: skip


@require_POST
@never_cache
def act(request: HttpRequest, call_uuid: str, action: str) -> HttpResponse:
    """Do it, and answer with the desk as it is then; what cannot be done is answered with the reason."""
    operator = request.user
    if not isinstance(operator, Operator) or not operator.is_active:
        return _signed_out(request, call_uuid)
    call = access_call(operator, call_uuid)
    work = ACTIONS.get(action)
    if work is None:
        raise Http404("There is nothing of this name to do.")
    actor = Actor(operator, timezone.now(), audit.address_of(request), key_of(request.POST, action))
    try:
        allow(may_act(operator))
        in_one(lambda: work(call, actor, request.POST))
    except Refused as error:
        return _refused(request, call_uuid, str(error))
    if not _by_htmx(request):
        return _back(call_uuid)
    controls = load_controls(access_call(operator, call_uuid), operator, timezone.now())
    answer = render(request, "calls/_controls.html", {"controls": controls})
    answer["Console-Pushed"] = "1"  # a live page waits for the push: static/feed.js
    return answer


@require_GET
@never_cache
@login_required
def give(request: HttpRequest, call_uuid: str) -> HttpResponse:
    """Whom a supervisor may give the call to: the people of its team, asked when it matters."""
    call = access_call(cast("Operator", request.user), call_uuid)
    url, back = reverse("call_action", args=[call_uuid, "reassign"]), reverse("call", args=[call_uuid])
    return ask_whom(request, held_of(call), contact_name(call), url=url, back=back, changes="call-controls")


def key_of(form: QueryDict, action: str) -> str:
    """The page's key, made one of this button and these words: others pressed on the same page are other commands."""
    page = form.get("key", "")
    if not page:
        return ""
    said = "\x00".join([page, action, *(form.get(name, "") for name in SAID)])
    return blake2s(said.encode(), digest_size=24).hexdigest()


def _by_htmx(request: HttpRequest) -> bool:
    return bool(cast("HtmxDetails", request.htmx))  # type: ignore[attr-defined]


def _refused(request: HttpRequest, call_uuid: str, reason: str) -> HttpResponse:
    if _by_htmx(request):
        return HttpResponse(format_html("<span>{}</span>", reason), status=409)
    messages.error(request, reason)
    return HttpResponseRedirect(reverse("floor"), status=303) if request.POST.get("next") == "floor" else _back(call_uuid)


def _signed_out(request: HttpRequest, call_uuid: str) -> HttpResponse:
    if _by_htmx(request):
        return HttpResponse(format_html("<span>{}</span>", OUT), status=401)
    return HttpResponseRedirect(f"{reverse('login')}?next={reverse('call', args=[call_uuid])}")


def _back(call_uuid: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("call", args=[call_uuid]), status=303)
