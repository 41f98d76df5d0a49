"""The phone of one's own to which calls are forwarded: everybody writes down theirs."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from callcenter.console.naming import pretty_number
from callcenter.console.team.acting import done, operator_of
from callcenter.operators import audit

PHONE_CHARS = 200


@require_GET
@never_cache
@login_required
def own_phone(request: HttpRequest) -> HttpResponse:
    return render(request, "team/phone.html", {"phone": pretty_number(operator_of(request).phone)})


@require_POST
@login_required
def save_own_phone(request: HttpRequest) -> HttpResponse:
    """An empty field takes it away. What cannot be dialled is shown again with the reason beside it."""
    operator = operator_of(request)
    written = request.POST.get("phone", "").replace("\x00", "").strip()[: PHONE_CHARS + 1]
    operator.phone = written
    try:
        operator.clean()
    except ValidationError as error:
        context = {"phone": written, "problem": " ".join(error.message_dict["phone"])}
        return render(request, "team/phone.html", context, status=422)
    with transaction.atomic():
        operator.save(update_fields=["phone"])
        target = f"operator:{operator.username}"
        audit.record(operator, "own_phone", target, address=audit.address_of(request), detail={"phone": operator.phone})
    return done(request, "Saved." if operator.phone else "You have no phone of your own here any more.", "own-phone")
