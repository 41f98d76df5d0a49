"""Giving a call, or a conversation on WhatsApp, to somebody else of its team: to whom, and the dialog that asks."""

from typing import cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django_htmx.middleware import HtmxDetails

from callcenter.calls.holding import Held
from callcenter.calls.models import Call
from callcenter.commands.takeover import Actor, Refused, reassign
from callcenter.console.floor import team_of
from callcenter.console.naming import agent_name
from callcenter.operators.models import Operator
from callcenter.operators.roles import Role

WHY_CHARS = 300


def colleagues_of(held: Held) -> list[Operator]:
    """Who of its team can answer it."""
    team = team_of(held, held.agent) if isinstance(held, Call) else held.agent.team_id
    return list(Operator.objects.active().exclude(role=Role.REVIEWER).filter(teams=team).order_by("username"))


def give_to_chosen(held: Held, actor: Actor, form: QueryDict, fence: int) -> None:
    """What the dialog asks for: ``to``, the id of a colleague, and ``why``. Raises Refused."""
    wanted = form.get("to", "")
    to = next((who for who in colleagues_of(held) if str(who.pk) == wanted), None)
    if to is None:
        raise Refused("Choose somebody of its team.")
    why = " ".join(form.get("why", "").replace("\x00", "").split())
    reassign(held, to, actor, fence, why=why[:WHY_CHARS])


def ask_whom(request: HttpRequest, held: Held, contact: str, *, url: str, back: str, changes: str) -> HttpResponse:
    """The dialog, or without script a page. ``url`` gets the form, ``changes`` names the element that its answer replaces.

    Who asks is not offered: to take it oneself there is taking over. Raises PermissionDenied for all but supervisors.
    """
    supervisor = cast("Operator", request.user)
    if not supervisor.can_supervise:
        raise PermissionDenied
    holder = held.answering if isinstance(held, Call) else held.holder
    context = {
        "layout": "team/dialog.html" if cast("HtmxDetails", request.htmx) else "console/sheet.html",  # type: ignore[attr-defined]
        "contact": contact,
        "holder": holder.display_name if holder else agent_name(held.agent),
        "colleagues": [(str(who.pk), who.display_name) for who in colleagues_of(held) if who not in (holder, supervisor)],
        "fence": held.fence,
        "url": url,
        "back": back,
        "changes": changes,
    }
    return render(request, "console/give.html", context)
