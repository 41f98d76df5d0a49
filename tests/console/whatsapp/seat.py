"""Somebody at the page of a thread, and how they press its buttons."""

import re
from typing import Any

from django.http import HttpResponse
from django.test import Client

from callcenter.calls.models import Thread
from callcenter.operators.models import Operator


def fields_of(html: str) -> dict[str, str]:
    """Key and fence as the page gives them."""
    found = re.search(r'name="key" value="(\w+)".*?name="fence" value="(\d+)"', html, re.DOTALL)
    assert found, "the page has no key and fence"
    return {"key": found[1], "fence": found[2]}


class Seat:
    """One person at the page of one thread."""

    def __init__(self, who: Operator, thread: Thread) -> None:
        self.who, self.path = who, f"/whatsapp/{thread.pk}/"
        self.client = Client()
        self.client.force_login(who)
        self.fields: dict[str, str] = {"key": "k", "fence": "0"}

    def look(self) -> str:
        """Load the page."""
        answer = self.client.get(self.path)
        assert answer.status_code == 200
        html = answer.content.decode()
        self.fields = fields_of(html)
        return html

    def press(self, where: str, *, htmx: bool = True, **values: Any) -> Any:
        """One button, with the hidden fields of the page as it was loaded last."""
        headers = {"HX-Request": "true"} if htmx else {}
        return self.client.post(f"{self.path}{where}/", {**self.fields, **values}, headers=headers)


def why(answer: HttpResponse) -> str:
    """The reason of a refusal, as it is shown."""
    assert answer.status_code == 409, answer.status_code
    return re.sub(r"<[^>]*>", "", answer.content.decode()).strip()
