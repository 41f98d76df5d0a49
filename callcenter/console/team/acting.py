"""What the pages of people and agents share when something is done: who does it, and how the answer reaches them."""

from collections.abc import Callable
from functools import wraps
from hashlib import blake2s
from typing import Any, cast
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from callcenter.commands.takeover import Actor, Refused
from callcenter.operators import audit
from callcenter.operators.models import Operator

View = Callable[..., HttpResponse]


def operator_of(request: HttpRequest) -> Operator:
    """Behind ``login_required``."""
    return cast("Operator", request.user)


def actor_of(request: HttpRequest) -> Actor:
    key = request.POST.get("key", "").replace("\x00", "")[:64]
    return Actor(operator_of(request), timezone.now(), audit.address_of(request), key)


def fresh_key() -> str:
    """For a form that is opened once: sent twice, it is one command."""
    return uuid4().hex


def form_key(*parts: object) -> str:
    """For a form that is drawn again and again: the same until something changed."""
    return blake2s("\n".join(map(str, parts)).encode(), digest_size=16).hexdigest()


def by_htmx(request: HttpRequest) -> bool:
    return bool(getattr(request, "htmx", False))


def layout(request: HttpRequest) -> str:
    """A form opens in a dialog, or as a page of its own where there is no script."""
    return "team/dialog.html" if by_htmx(request) else "team/page.html"


def refusals_shown(to: str) -> Callable[[View], View]:
    """What was refused is told where the click was made: in the dialog, else on the page of this name."""

    def around(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except Refused as refused:
                if by_htmx(request):
                    return render(request, "team/_refused.html", {"reason": str(refused)}, status=409)
                messages.error(request, str(refused))
                return redirect(to)

        return wrapped

    return around


def done(request: HttpRequest, words: str, to: str, *args: Any) -> HttpResponse:
    """On to the next page, which says what was done."""
    messages.success(request, words)
    answer = redirect(to, *args)
    if by_htmx(request):
        return HttpResponse(status=200, headers={"HX-Redirect": answer["Location"]})
    return answer


def supervisors_only(view: View) -> View:
    """Behind ``login_required``. Raises PermissionDenied."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not operator_of(request).can_supervise:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapped


def actors_only(view: View) -> View:
    """Behind ``login_required``: a form that acts is not opened for those who only read. Raises PermissionDenied."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not operator_of(request).can_act:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return wrapped


def way_back(request: HttpRequest) -> str:
    """The page of this console from which a form was sent, else the floor."""
    came = request.POST.get("next", "")
    return came if url_has_allowed_host_and_scheme(came, {request.get_host()}, require_https=request.is_secure()) else "/"
