"""The page of agents, and what can be done there: silence an agent for everybody or for one contact, and let it answer again."""

from datetime import datetime, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from callcenter.calls.revising import in_one
from callcenter.commands import desk, sockets
from callcenter.commands.takeover import Refused
from callcenter.console.floor import audience_of
from callcenter.console.naming import agent_name
from callcenter.console.team.acting import (
    actor_of,
    actors_only,
    by_htmx,
    done,
    fresh_key,
    layout,
    operator_of,
    refusals_shown,
    supervisors_only,
)
from callcenter.console.team.agents import access_agent, load_cards, why_not, work_of
from callcenter.domain.commands.effect import digits
from callcenter.domain.commands.order import Level

# minutes, in words
LENGTHS = (
    ("", "until somebody resumes it"),
    ("15", "for 15 minutes"),
    ("60", "for an hour"),
    ("240", "for 4 hours"),
    ("1440", "for a day"),
)


@require_GET
@never_cache
@login_required
def agents(request: HttpRequest) -> HttpResponse:
    operator = operator_of(request)
    context = {"cards": load_cards(operator, audience_of(operator), timezone.now()), "may_act": operator.can_act}
    return render(request, "team/_agents.html" if by_htmx(request) else "team/agents.html", context)


@require_GET
@never_cache
@login_required
@supervisors_only
def pausing(request: HttpRequest, agent: int) -> HttpResponse:
    """Before an agent is silenced everywhere: what that touches."""
    now, row = timezone.now(), access_agent(audience_of(operator_of(request)), agent)
    reason = why_not(row, sockets.is_listening(row.connection_id, row.slug, now))
    context = {"agent": row, "name": agent_name(row), "work": work_of([row], now)[row.pk], "why_not": reason}
    return render(request, "team/pausing.html", {**context, "lengths": LENGTHS, "key": fresh_key(), "layout": layout(request)})


@require_GET
@never_cache
@login_required
@actors_only
def pausing_contact(request: HttpRequest, agent: int) -> HttpResponse:
    row = access_agent(audience_of(operator_of(request)), agent)
    reason = why_not(row, sockets.is_listening(row.connection_id, row.slug, timezone.now()))
    context = {"agent": row, "name": agent_name(row), "why_not": reason, "lengths": LENGTHS}
    return render(request, "team/pausing_contact.html", {**context, "key": fresh_key(), "layout": layout(request)})


@require_POST
@login_required
@refusals_shown("agents")
def pause(request: HttpRequest, agent: int) -> HttpResponse:
    row, actor = access_agent(audience_of(operator_of(request)), agent), actor_of(request)
    until = _until(request, actor.now)
    in_one(lambda: desk.pause(row, Level.AGENT, "", actor, why=request.POST.get("why", ""), until=until))
    return done(request, f"{agent_name(row)} was told to pause everywhere.", "agents")


@require_POST
@login_required
@refusals_shown("agents")
def resume(request: HttpRequest, agent: int) -> HttpResponse:
    row = access_agent(audience_of(operator_of(request)), agent)
    in_one(lambda: desk.resume(row, Level.AGENT, "", actor_of(request)))
    return done(request, f"{agent_name(row)} was told to answer again.", "agents")


@require_POST
@login_required
@refusals_shown("agents")
def pause_contact(request: HttpRequest, agent: int) -> HttpResponse:
    """By number; no call needs to exist."""
    row, actor = access_agent(audience_of(operator_of(request)), agent), actor_of(request)
    number = desk.number_of(request.POST.get("number", ""))
    if not digits(number) or number.lower().startswith("sip:"):
        raise Refused("A contact is paused by a telephone number.")
    until = _until(request, actor.now)
    in_one(lambda: desk.pause(row, Level.CONTACT, digits(number), actor, why=request.POST.get("why", ""), until=until))
    return done(request, f"{agent_name(row)} was told not to answer {number}.", "agents")


@require_POST
@login_required
@refusals_shown("agents")
def resume_contact(request: HttpRequest, agent: int) -> HttpResponse:
    row, number = access_agent(audience_of(operator_of(request)), agent), digits(request.POST.get("contact", ""))[:64]
    if not number:
        raise Refused("There is no such contact.")
    in_one(lambda: desk.resume(row, Level.CONTACT, number, actor_of(request)))
    return done(request, f"{agent_name(row)} was told to answer +{number} again.", "agents")


def _until(request: HttpRequest, now: datetime) -> datetime | None:
    """One of the offered lengths, counted from now. Raises Refused."""
    length = request.POST.get("length", "")
    if length not in dict(LENGTHS):
        raise Refused("Choose one of the offered times.")
    return now + timedelta(minutes=int(length)) if length else None
