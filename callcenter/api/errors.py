"""What the API answers when it cannot: always JSON, always a sentence under ``detail``."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError


class Unprocessable(Exception):
    """A parameter that makes no sense: ``field`` and one sentence."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field, self.message = field, message


def install(api: NinjaAPI) -> None:
    """Give the API its answers."""

    @api.exception_handler(AuthenticationError)
    def unauthorized(request: HttpRequest, exc: AuthenticationError) -> HttpResponse:  # noqa: ARG001  (ninja passes both)
        detail = "This needs the bearer token of an operator: Authorization: Bearer <token>."
        response = api.create_response(request, {"detail": detail}, status=401)
        response["WWW-Authenticate"] = "Bearer"
        return response

    @api.exception_handler(Http404)
    def not_found(request: HttpRequest, exc: Http404) -> HttpResponse:
        return api.create_response(request, {"detail": str(exc)}, status=404)

    @api.exception_handler(Unprocessable)
    def unprocessable(request: HttpRequest, exc: Unprocessable) -> HttpResponse:
        return _invalid(api, request, [{"field": exc.field, "message": exc.message}])

    @api.exception_handler(ValidationError)
    def invalid(request: HttpRequest, exc: ValidationError) -> HttpResponse:
        return _invalid(api, request, [_plain(error) for error in exc.errors])


def _invalid(api: NinjaAPI, request: HttpRequest, errors: list[dict[str, str]]) -> HttpResponse:
    detail = " ".join(f"{error['field']}: {error['message']}" for error in errors)
    return api.create_response(request, {"detail": detail, "errors": errors}, status=422)


def _plain(error: dict[str, Any]) -> dict[str, str]:
    """One problem in words, without the value that caused it."""
    place = [str(part) for part in error["loc"]]
    message = str(error["msg"]).removeprefix("Value error, ")
    return {"field": place[-1] if place else "request", "message": message if message.endswith(".") else f"{message}."}
