"""Webhooks of Sippet: kept as they came, never believed. The provider's client is told to fetch the call. Contract sippet 9.

Nobody documents a signature, so the address itself is the secret: see ``journal.connections.hook_path``.
"""

import hashlib
from datetime import UTC, datetime
from typing import Any

from asgiref.sync import sync_to_async
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from callcenter.domain.decoded import Unreadable
from callcenter.ingest.door import enter_by_hook
from callcenter.ingest.message import Message, TooLarge, parse
from callcenter.ingest.pipeline import Busy, pipeline
from callcenter.ingest.sender import GROUP
from callcenter.ingest.telling import tell
from callcenter.providers.decode import decode


@csrf_exempt
@require_http_methods(["POST"])
async def hook(request: HttpRequest, connection: str, key: str) -> JsonResponse:
    """One envelope with an id; 202 also for one that came before, 404 for an address that is none of ours."""
    source = await sync_to_async(enter_by_hook, thread_sensitive=False)(connection, key)
    if source is None:
        return JsonResponse({"error": "There is no such address."}, status=404)
    try:
        envelope = parse(request.body)
        number = envelope.get("id") if isinstance(envelope, dict) else None
        if not isinstance(number, str) or not number or len(number) > 200:
            return JsonResponse({"error": "A delivery is a JSON object with an id."}, status=400)
        stream = f"hook:{hashlib.sha256(number.encode('utf-8', 'replace')).hexdigest()[:40]}"
        answer = await pipeline().submit(Message(source, [envelope], datetime.now(UTC), stream, 0, passing=True))
    except (RequestDataTooBig, TooLarge):
        return JsonResponse({"error": "too_large"}, status=413)
    except Busy:
        return JsonResponse({"error": "busy"}, status=503, headers={"Retry-After": "1"})
    if answer.accepted:
        await _hint(source.id, _call_in(source.provider, envelope))
    return JsonResponse(answer.as_json(), status=400 if answer.rejected else 202)


async def _hint(connection: int, call: str) -> None:
    """To whoever holds a socket of this connection; lost, the call is found out about a little later."""
    command: dict[str, Any] = {"action": "list_calls", "filter": {"callUuid": {"eq": call}} if call else {}}
    await tell(GROUP, {"type": "commands.hint", "connection": connection, "command": command})


def _call_in(provider: str, envelope: Any) -> str:
    try:
        return decode(provider, envelope).call
    except Unreadable:
        return ""
