"""The audit trail: one line for everything that an operator does, and for every reading of a recording."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import timezone

from callcenter.operators.models import AuditLine

if TYPE_CHECKING:
    from django.http import HttpRequest

    from callcenter.operators.models import Operator


def record(
    operator: Operator | None, action: str, target: str, *, address: str = "", result: str = "done", detail: dict[str, Any] | None = None
) -> AuditLine:
    """Add a line, in the transaction of what it tells about. ``operator`` None = the console itself. No secrets in ``detail``."""
    return AuditLine.objects.create(
        at=timezone.now(),
        operator=operator,
        name=operator.display_name[:200] if operator else "",
        action=action[:40],
        target=target[:260],
        detail=detail or {},
        address=address[:64],
        result=result[:200],
    )


def address_of(request: HttpRequest) -> str:
    """Where the request came from, as the server sees it."""
    return str(request.META.get("REMOTE_ADDR", ""))
