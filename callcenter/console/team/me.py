"""What people set for themselves: whether they are ready, and their keyboard."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from callcenter.commands.takeover import Refused
from callcenter.console.team.acting import by_htmx, done, operator_of, refusals_shown, way_back
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
    if not presence.set_by_hand(operator, state, request.POST.get("reason", ""), now):
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
    return {"presence": presence.of(operator), "reasons": REASONS}
