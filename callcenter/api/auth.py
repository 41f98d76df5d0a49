"""Who reads: the operator whose bearer token came with the request."""

from django.http import HttpRequest
from ninja.security import HttpBearer

from callcenter.operators import tokens
from callcenter.operators.models import Operator


class OperatorBearer(HttpBearer):
    """A token made with ``add_operator --api-token`` or in the admin."""

    def authenticate(self, request: HttpRequest, token: str) -> Operator | None:  # noqa: ARG002  (ninja passes both)
        return tokens.find(token.strip())


def reader(request: HttpRequest) -> Operator:
    """The operator that the bearer check left on the request."""
    operator: Operator = request.auth  # type: ignore[attr-defined]
    return operator
