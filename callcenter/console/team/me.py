"""What people set for themselves: whether they are ready, and their keyboard."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from callcenter.calls.revising import in_one
from callcenter.commands import availability
from callcenter.commands.models import Command
from callcenter.commands.takeover import Refused
from callcenter.console.calldesk.words import state_of
from callcenter.console.team.acting import actor_of, by_htmx, done, operator_of, refusals_shown, way_back
from callcenter.journal.models import Connection
from callcenter.operators import audit, keyboard, presence
from callcenter.operators.models import Operator

REASONS = ("Break", "Lunch", "Meeting", "Training", "Other work")


@require_GET
@never_cache
@login_required
def my_presence(request: HttpRequest) -> HttpResponse:
    """The part of the person menu that says it; asked for when the menu opens."""
    return render(request, "team/_presence.html", presence_context(operator_of(request)))


@require_POST
@login_required
@refusals_shown("floor")
def set_presence(request: HttpRequest) -> HttpResponse:
    operator, now = operator_of(request), timezone.now()
    state = request.POST.get("state", "")

    def choose() -> bool:
        chosen = presence.set_by_hand(operator, state, request.POST.get("reason", ""), now)
        if chosen:
            availability.tell(actor_of(request), ready=state == presence.State.READY)
        return chosen

    if not in_one(choose):
        raise Refused("Choose ready, wrap-up or not ready.")
    said = {"state": state, "reason": request.POST.get("reason", "")[: presence.REASON_CHARS]}
    audit.record(operator, "presence", f"operator:{operator.username}", address=audit.address_of(request), detail=said)
    if by_htmx(request):
        return render(request, "team/_presence.html", presence_context(operator))
    return redirect(way_back(request))


@require_POST
@login_required
def seen(request: HttpRequest) -> HttpResponse:  # noqa: ARG001  (the middleware has noted it)
    """The sign of a page that is not live."""
    return HttpResponse(status=204)


@require_GET
@never_cache
@login_required
def my_keyboard(request: HttpRequest) -> HttpResponse:
    operator = operator_of(request)
    fields = [(shortcut, shortcut.keys, "") for shortcut in keyboard.shortcuts_of(operator)]
    return render(request, "team/keyboard.html", {"fields": fields, "on": keyboard.is_on(operator)})


@require_POST
@login_required
def save_keyboard(request: HttpRequest) -> HttpResponse:
    """Kept on the server: the same at every desk. What cannot be is shown again with the reason beside it."""
    operator = operator_of(request)
    if "usual" in request.POST:
        keyboard.save(operator, {name: usual for name, (_, usual) in keyboard.ACTIONS.items()}, on=True)
        return done(request, "The usual shortcuts are back.", "keyboard")
    wanted = {name: request.POST.get(name, "").replace("\x00", "").replace(" ", "")[:40] for name in keyboard.ACTIONS}
    problems, on = keyboard.problems_in(wanted), "on" in request.POST
    if problems:
        fields = [(shortcut, wanted[shortcut.name], problems.get(shortcut.name, "")) for shortcut in keyboard.shortcuts_of(operator)]
        return render(request, "team/keyboard.html", {"fields": fields, "on": on, "failed": True}, status=422)
    keyboard.save(operator, wanted, on=on)
    messages.success(request, "Saved.")
    return redirect("keyboard")


def presence_context(operator: Operator) -> dict[str, object]:
    told = [told_view(*row) for row in availability.newest(operator)]
    return {"presence": presence.of(operator), "reasons": REASONS, "told": told, "waits": any(line["waits"] for line in told)}


def told_view(line: Connection, command: Command | None, lacking: str) -> dict[str, object]:
    """What a provider knows of it, in words."""
    if lacking or command is None:
        return {"line": line.slug, "words": lacking or "not told yet", "tone": "idle", "waits": False}
    said, tone, why = state_of(command)
    status = "ready" if command.order["status"] == "ready" else "not ready"
    return {"line": line.slug, "words": f"{status}, {said}" + (f": {why}" if why else ""), "tone": tone, "waits": command.is_open}
