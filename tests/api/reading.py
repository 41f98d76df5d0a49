"""Reads the API as a program would: with a bearer token."""

from typing import Any
from urllib.parse import quote

from django.test import Client

from callcenter.operators.models import Operator
from tests.factories import bearer


class Reader:
    """One operator's program."""

    def __init__(self, operator: Operator | None) -> None:
        self.client = Client(headers=bearer(operator) if operator else {})

    def answer(self, path: str, **query: Any) -> Any:
        """The response to ``/api/v1/`` + path."""
        return self.client.get(f"/api/v1/{path}", query)

    def read(self, path: str, **query: Any) -> Any:
        """Its JSON; it must be 200."""
        response = self.answer(path, **query)
        assert response.status_code == 200, response.content
        return response.json()

    def call(self, call_uuid: str) -> Any:
        return self.read(f"calls/{quote(call_uuid, safe='')}/")

    def uuids(self, **query: Any) -> list[str]:
        """Which calls the list gives."""
        return [call["call_uuid"] for call in self.read("calls/", **query)["results"]]
