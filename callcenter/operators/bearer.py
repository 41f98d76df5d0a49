"""Programs show an operator's token in the Authorization header; browsers come with a session instead."""

from django.http import HttpRequest

from callcenter.operators import tokens
from callcenter.operators.models import Operator


def bearer_operator(request: HttpRequest) -> Operator | None:
    """The operator whose valid token the request carries, else None."""
    scheme, _, plaintext = request.headers.get("Authorization", "").partition(" ")
    return tokens.find(plaintext.strip()) if scheme.lower() == "bearer" else None


def known_operator(request: HttpRequest) -> Operator | None:
    """Whoever asks: by token if there is an Authorization header, else by session; None for the anonymous."""
    if "Authorization" in request.headers:
        return bearer_operator(request)
    return request.user if isinstance(request.user, Operator) else None
