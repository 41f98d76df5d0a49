"""The audit trail: it only grows, it is read and exported in the admin, and comings and goings are in it."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import Client

from callcenter.operators import audit
from callcenter.operators.export import COLUMNS, safe
from callcenter.operators.models import AuditLine, Operator
from tests.adminpages import form_of, open_page, queries_of
from tests.conftest import PASSWORD

LINES = "/admin/operators/auditline/"


@pytest.fixture
def desk(client: Client, admin: Operator) -> Client:
    client.force_login(admin)
    return client


def told() -> list[tuple[str, str, str, str]]:
    return [(line.name, line.action, line.target, line.result) for line in AuditLine.objects.order_by("pk")]


async def body_of(answer: Any) -> str:
    return b"".join([piece async for piece in answer.streaming_content]).decode()


def exported(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(async_to_sync(body_of)(answer))))


def test_lines_are_looked_at_and_never_changed(desk: Client, oskar: Operator):
    line = audit.record(oskar, "take_over", "call:CA1", address="192.0.2.7")
    html = open_page(desk, LINES)
    assert "call:CA1" in html
    assert "192.0.2.7" in html
    assert form_of(open_page(desk, f"{LINES}{line.pk}/change/")) == []
    for path in (f"{LINES}add/", f"{LINES}{line.pk}/delete/"):
        assert desk.get(path).status_code == 403
        assert desk.post(path, {"post": "yes"}).status_code == 403
    assert desk.post(f"{LINES}{line.pk}/change/", {"action": "other"}).status_code == 403
    answer = desk.post(LINES, {"action": "delete_selected", "_selected_action": [line.pk]})
    assert answer.status_code == 302  # there is no such action
    assert AuditLine.objects.filter(pk=line.pk, action="take_over").exists()


@pytest.mark.parametrize("change", [lambda rows: rows.update(action="other"), lambda rows: rows.delete()])
def test_a_query_changes_no_line(oskar: Operator, change: Callable[[Any], object]):
    audit.record(oskar, "take_over", "call:CA1")
    with pytest.raises(TypeError):
        change(AuditLine.objects.all())


def test_lines_are_found_by_person_action_and_words(desk: Client, oskar: Operator, ines: Operator):
    audit.record(oskar, "take_over", "call:CA1")
    audit.record(ines, "hang_up", "call:CA2")
    audit.record(None, "give_up", "call:CA3")
    for query, found in (
        ({"action": "take_over"}, "CA1"), ({"who": str(ines.pk)}, "CA2"), ({"who": "console"}, "CA3"), ({"q": "oskar"}, "CA1"),
    ):  # fmt: skip
        html = open_page(desk, LINES, **query)
        assert [name for name in ("CA1", "CA2", "CA3") if name in html] == [found], query


def test_a_list_of_many_costs_what_a_list_of_few_costs(desk: Client, oskar: Operator, ines: Operator):
    audit.record(oskar, "take_over", "call:CA1")
    few = queries_of(desk, LINES)
    for number in range(30):
        audit.record(ines if number % 2 else oskar, "hold", f"call:CA{number}")
    assert queries_of(desk, LINES) == few


def test_what_is_filtered_comes_as_csv_on_all_its_pages_and_the_export_is_told_too(desk: Client, oskar: Operator, ines: Operator):
    for number in range(620):
        audit.record(oskar, "hold", f"call:CA{number:04}", detail={"to": "+49 30 555"})
    audit.record(ines, "hang_up", "call:other")
    rows = exported(desk.get(f"{LINES}export/", {"action": "hold"}))
    assert rows[0] == list(COLUMNS)
    assert [row[4] for row in rows[1:]] == [f"call:CA{number:04}" for number in reversed(range(620))]
    assert rows[1][1:4] == ["oskar", "oskar", "hold"]
    assert datetime.fromisoformat(rows[1][0]).astimezone(UTC)
    assert AuditLine.objects.filter(action="export", name="ada").count() == 1


def test_the_list_links_to_the_export_of_its_filters(desk: Client):
    assert "/admin/operators/auditline/export/?action=hold" in open_page(desk, LINES, action="hold")


def test_chosen_lines_come_as_csv(desk: Client, oskar: Operator):
    lines = [audit.record(oskar, "hold", f"call:CA{number}") for number in range(3)]
    answer = desk.post(LINES, {"action": "export_chosen", "_selected_action": [lines[0].pk, lines[2].pk]})
    assert [row[4] for row in exported(answer)[1:]] == ["call:CA2", "call:CA0"]
    assert answer["Content-Type"].startswith("text/csv")
    assert "no-store" in answer["Cache-Control"]


def test_nobody_but_an_administrator_exports(client: Client, supervisor: Operator):
    client.force_login(supervisor)
    assert client.get(f"{LINES}export/").status_code == 302
    assert not AuditLine.objects.exists()


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"), ("+49 30", "'+49 30"), ("-2", "'-2"), ("@SUM(A1)", "'@SUM(A1)"), ("  =1", "'  =1"), ("\t=1", "'\t=1"),
        ("\r\n", "'\r\n"), ("\uff1d1", "'\uff1d1"), ("call:CA1", "call:CA1"), ("", ""), ("a=b", "a=b"),
    ],
)  # fmt: skip
def test_no_cell_is_a_formula(cell: str, written: str):
    assert safe(cell) == written


def test_who_comes_and_goes_is_told(client: Client, oskar: Operator):
    client.post("/login/", {"username": "oskar", "password": PASSWORD})
    client.post("/logout/")
    assert told() == [("oskar", "sign_in", "operator:oskar", "done"), ("oskar", "sign_out", "operator:oskar", "done")]
    assert set(AuditLine.objects.values_list("address", flat=True)) == {"127.0.0.1"}


def test_the_admin_has_no_other_door(client: Client, admin: Operator):
    answer = client.post("/admin/login/?next=/admin/", {"username": "ada", "password": PASSWORD, "next": "/admin/"})
    assert answer["Location"] == "/admin/"
    assert client.post("/admin/logout/").status_code == 302
    assert [action for _, action, _, _ in told()] == ["sign_in", "sign_out"]


def test_a_failed_attempt_is_told_with_a_name_that_exists_and_never_with_what_else_was_typed(client: Client, oskar: Operator):
    client.post("/login/", {"username": "oskar", "password": "wrong"})
    client.post("/login/", {"username": PASSWORD, "password": ""})
    assert told() == [("", "sign_in", "operator:oskar", "refused"), ("", "sign_in", "operator:unknown", "refused")]
    assert PASSWORD not in str(list(AuditLine.objects.values()))
