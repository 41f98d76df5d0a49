"""What every page of the admin is held to."""

import re
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def open_page(client: Client, path: str, **query: Any) -> str:
    """The page's HTML; it opens, and the strict policy blocks nothing of it."""
    answer = client.get(path, query)
    assert answer.status_code == 200, (path, answer.status_code)
    html = answer.content.decode()
    assert "script-src" not in answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*(?:src=|application/json))", html)
    assert not re.search(r"<style|<[^>]+\s(?:style|onclick|onload|onchange)=", html)
    return html


def queries_of(client: Client, path: str) -> int:
    """How many queries the page costs."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


def form_of(html: str) -> list[str]:
    """The names of the fields that the page's main form lets somebody write."""
    fields = re.findall(r"<(?:input|select|textarea)[^>]*>", html)
    names = [name[1] for field in fields if 'type="hidden"' not in field and (name := re.search(r'\sname="([^"]+)"', field))]
    return [name for name in names if name not in {"q", "action", "index", "_selected_action", "select_across"}]
