"""Signing in and out, each with its line in the audit trail."""

from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from callcenter.operators import audit, presence
from callcenter.operators.models import Operator


class SignIn(LoginView):
    """A failed attempt is told with the name only if there is such a person: people type passwords into the wrong field."""

    template_name = "console/login.html"

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        answer = super().form_valid(form)
        operator = form.get_user()
        if isinstance(operator, Operator):
            presence.signed_in(operator, timezone.now())
            audit.record(operator, "sign_in", target_of(operator), address=audit.address_of(self.request))
        return answer

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        typed = str(form.data.get("username", "")).replace("\x00", "")[:150]
        known = Operator.objects.filter(username=typed).first()
        target = target_of(known) if known else "operator:unknown"
        audit.record(None, "sign_in", target, address=audit.address_of(self.request), result="refused")
        return super().form_invalid(form)


class SignOut(LogoutView):
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if isinstance(request.user, Operator):
            presence.signed_out(request.user, timezone.now())
            audit.record(request.user, "sign_out", target_of(request.user), address=audit.address_of(request))
        return super().post(request, *args, **kwargs)


def target_of(operator: Operator) -> str:
    return f"operator:{operator.username}"
