"""The operators of a supervisor's teams: are they there, are they ready, what do they hold."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from callcenter.calls.models import Call, Thread
from callcenter.console.dom import dom_id
from callcenter.console.floor import Audience, audience_of
from callcenter.console.naming import contact_name, pretty_number
from callcenter.console.team.acting import by_htmx, operator_of, supervisors_only
from callcenter.console.view import Tone
from callcenter.journal.times import epoch
from callcenter.operators.models import Operator, Presence

TONES: dict[str, Tone] = {"ready": "ok", "on_call": "human", "wrap_up": "ring", "not_ready": "idle"}
HERE_S = 45.0  # three heartbeats and a page's own sign


@dataclass(frozen=True, slots=True)
class HeldView:
    channel: str
    direction: str
    contact: str
    url: str
    since_ms: int | None


@dataclass(frozen=True, slots=True)
class PersonView:
    """``seen``: here | away | never."""

    id: str
    name: str
    role: str
    teams: str
    tone: Tone
    state: str
    reason: str
    since_ms: int | None
    seen: str
    seen_ms: int | None
    gives_up: bool
    holds: tuple[HeldView, ...]


@require_GET
@never_cache
@login_required
@supervisors_only
def operators(request: HttpRequest) -> HttpResponse:
    people = load_people(audience_of(operator_of(request)), timezone.now())
    context = {"people": people, "away_after_s": settings.AWAY_AFTER_S}
    return render(request, "team/_operators.html" if by_htmx(request) else "team/operators.html", context)


def load_people(audience: Audience, now: datetime) -> list[PersonView]:
    """Active people of these teams, in a constant number of queries."""
    found = Operator.objects.active().select_related("presence").with_teams().order_by("first_name", "username")
    people = list(found if audience is None else found.filter(teams__in=audience).distinct())
    ids = [person.pk for person in people]
    holds: dict[int, list[HeldView]] = {}
    calls = Call.objects.in_teams(audience).live().for_rows().filter(holder__in=ids, thread=None).order_by("started_at", "pk")
    for call in calls:
        url = reverse("call", args=[call.call_uuid])
        view = HeldView(call.channel, call.direction, contact_name(call), url, _ms(call.started_at))
        holds.setdefault(call.holder_id or 0, []).append(view)
    threads = Thread.objects.filter(holder__in=ids).select_related("contact").order_by("last_at", "pk")
    for thread in threads if audience is None else threads.filter(agent__team__in=audience):
        name = thread.contact.name or pretty_number(f"+{thread.digits}")
        view = HeldView("whatsapp", "inbound", name, f"/whatsapp/{thread.pk}/", _ms(thread.last_at))
        holds.setdefault(thread.holder_id or 0, []).append(view)
    return [_person(person, tuple(holds.get(person.pk, ())), now) for person in people]


def _person(person: Operator, holds: tuple[HeldView, ...], now: datetime) -> PersonView:
    known: Presence | None = getattr(person, "presence", None)
    seen_at = known.seen_at if known else None
    here = seen_at is not None and now - seen_at <= timedelta(seconds=HERE_S)
    return PersonView(
        id=dom_id("person", person.pk),
        name=person.display_name,
        role=person.get_role_display(),
        teams=", ".join(team.name for team in person.teams.all()),
        tone=TONES.get(known.state, "idle") if known and here else "idle",
        state=known.get_state_display() if known else "Never here",
        reason=known.reason if known else "",
        since_ms=_ms(known.since) if known else None,
        seen="here" if here else "away" if seen_at else "never",
        seen_ms=_ms(seen_at),
        gives_up=bool(holds) and not here,
        holds=holds,
    )


def _ms(at: datetime | None) -> int | None:
    return round(epoch(at) * 1000) if at is not None else None
