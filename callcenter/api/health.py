"""``GET /healthz``: does this process do its work? The anonymous learn only that; figures and names are for administrators."""

import logging
from collections.abc import Mapping
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from callcenter.api.probes import PROBES
from callcenter.operators import roles
from callcenter.operators.bearer import known_operator

log = logging.getLogger(__name__)


@require_safe
async def healthz(request: HttpRequest) -> JsonResponse:
    """200, or 503 as soon as one part failed."""
    told = await sync_to_async(_is_administrator)(request)
    answer: dict[str, Any] = {"status": "ok"}
    for name, probe in PROBES.items():
        figures: Mapping[str, Any] = {}
        status = "ok"
        try:
            figures = await probe()
        except Exception:
            log.exception("Health: %s failed", name)
            status = answer["status"] = "failed"
        answer[name] = {"status": status, **(figures if told else {})}
    response = JsonResponse(answer, status=200 if answer["status"] == "ok" else 503)
    response["Cache-Control"] = "no-store"
    return response


def _is_administrator(request: HttpRequest) -> bool:
    """False also when the database that would know cannot be asked."""
    try:
        operator = known_operator(request)
    except Exception:
        log.exception("Health: nobody can be recognised")
        return False
    return operator is not None and roles.may_administer(operator.role)
