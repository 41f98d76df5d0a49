"""Audit lines as CSV: streamed in pages of rows, with cells that no spreadsheet takes for a formula."""

import csv
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from callcenter.operators.models import AuditLine

TOGETHER = 500
COLUMNS = ("at", "operator", "name", "action", "target", "result", "address", "detail")
# What begins so is a formula to one spreadsheet or another, also behind blanks and in its full-width form.
FORMULA = frozenset("=+-@|%\uff1d\uff0b\uff0d\uff20")
BREAKS = ("\t", "\r", "\n")


class Echo:
    """csv writes into it and gets its line back."""

    def write(self, line: str) -> str:
        return line


def safe(cell: str) -> str:
    """The cell as text: what a spreadsheet would take for a formula gets an apostrophe in front."""
    begins = cell.lstrip()[:1]
    return f"'{cell}" if begins in FORMULA or cell.startswith(BREAKS) else cell


def row(line: AuditLine) -> list[str]:
    """The cells in the order of COLUMNS; the time is UTC."""
    detail = json.dumps(line.detail, ensure_ascii=False) if line.detail else ""
    who = line.operator.username if line.operator else ""
    at = line.at.astimezone(UTC).isoformat(timespec="milliseconds")
    return [at, *map(safe, (who, line.name, line.action, line.target, line.result, line.address, detail))]


async def lines_of(found: QuerySet[AuditLine]) -> AsyncIterator[str]:
    """Newest first, page by page: neither the whole trail nor an open cursor is kept."""
    write = csv.writer(Echo()).writerow
    yield write(COLUMNS)
    pages = found.select_related("operator").order_by("-pk")
    last: int | None = None
    while True:
        page = pages if last is None else pages.filter(pk__lt=last)
        rows: list[AuditLine] = await sync_to_async(_read)(page[:TOGETHER])
        for line in rows:
            yield write(row(line))
        if len(rows) < TOGETHER:
            return
        last = rows[-1].pk


def _read(page: QuerySet[AuditLine]) -> list[AuditLine]:
    return list(page)


def csv_answer(found: QuerySet[AuditLine], now: datetime) -> StreamingHttpResponse:
    """A file to download, never kept by a cache."""
    headers: dict[str, Any] = {
        "Content-Disposition": f'attachment; filename="audit-{now:%Y-%m-%d-%H%M}.csv"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return StreamingHttpResponse(lines_of(found), content_type="text/csv; charset=utf-8", headers=headers)
