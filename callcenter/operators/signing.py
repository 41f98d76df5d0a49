"""Signing in and out, each with its line in the audit trail; and what becomes of a form whose sender is signed out."""

from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView, LogoutView, redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import csrf

from callcenter.operators import audit, presence
from callcenter.operators.models import Operator

SIGNED_OUT = "You are signed out, and nothing was done. Sign in, then try once more."
SIGNED_OUT_HERE = "You are signed out, and nothing was done. Copy what you wrote, reload the page and sign in."


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Of somebody who is signed out the form is old because of that: they are sent to sign in."""
    if request.user.is_authenticated or request.path.endswith("/login/"):
        return csrf.csrf_failure(request, reason)
    if getattr(request, "htmx", False):
        return HttpResponse(format_html("<span>{}</span>", SIGNED_OUT_HERE), status=401)
    messages.error(request, SIGNED_OUT)
    return redirect_to_login(came_from(request))


def came_from(request: HttpRequest) -> str:
    """The page of this console on which the form stood, else the floor."""
    page = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    address = urlsplit(page)._replace(scheme="", netloc="", fragment="").geturl()
    return address if url_has_allowed_host_and_scheme(address, None) else "/"


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
