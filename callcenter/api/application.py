"""The read API at ``/api/v1/``, with its OpenAPI document beside it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import register_converter
from ninja import NinjaAPI

from callcenter.api import calls, directory
from callcenter.api.auth import OperatorBearer
from callcenter.api.errors import install


class Anything:
    """A provider's id may hold whatever it likes, "/" and line breaks included."""

    regex = r"(?s:.+)"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(Anything, "anything")


class ReadApi(NinjaAPI):
    """What it answers is one operator's to see, so nothing between may keep it."""

    def create_response(self, request: HttpRequest, data: Any, **options: Any) -> HttpResponse:
        response = super().create_response(request, data, **options)
        response["Cache-Control"] = "private, no-store"
        return response


api = ReadApi(
    title="Call centre",
    version="1",
    description="What the console knows about calls, agents and WhatsApp threads. Times are RFC 3339 in UTC with milliseconds, or null.",
    docs_url=None,
    auth=OperatorBearer(),
    urls_namespace="api",
)
install(api)
api.add_router("/calls", calls.router)
api.add_router("", directory.router)
