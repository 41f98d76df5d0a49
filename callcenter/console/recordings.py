"""Recordings as files for the player: only for those who may see the call, in ranges, so that people can seek."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import IO, Any

from asgiref.sync import sync_to_async
from django.contrib.auth.views import redirect_to_login
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import get_valid_filename
from django.views.decorators.http import require_safe

from callcenter.calls.models import Recording
from callcenter.console.loading import access_call
from callcenter.operators import audit
from callcenter.operators.bearer import known_operator
from callcenter.operators.models import AuditLine, Operator

CHUNK = 256 * 1024
ONE_PLAYBACK = timedelta(hours=1)
LONGEST_NUMBER = 18
# Ranges in bytes: "bytes=0-499", "bytes=500-" and "bytes=-500". Several at once are answered with the whole file.
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})\Z")


class Unsatisfiable(Exception):
    """The range lies beyond the end of the file."""


@require_safe
def recording(request: HttpRequest, call_uuid: str, recording: str) -> HttpResponseBase:
    """``recording`` is its key in the call, or the number of its row. 404 for what the operator may not see, 416 beyond the end."""
    operator = known_operator(request)
    if operator is None:
        if "Authorization" in request.headers:
            return HttpResponse("This token is not known.", status=401, headers={"WWW-Authenticate": "Bearer"}, content_type="text/plain")
        return redirect_to_login(request.get_full_path())
    found = access_recording(operator, call_uuid, recording)
    try:
        file = found.file.open("rb")
        size = found.file.size
    except (FileNotFoundError, ValueError) as error:
        raise Http404("There is no such recording.") from error
    headers = _headers(found, call_uuid)
    if found.digest and request.headers.get("If-None-Match") == headers["ETag"]:
        file.close()
        _note_playback(request, operator, call_uuid, found, 0)
        return HttpResponse(status=304, headers=headers)
    try:
        first, last = _wanted(request, size, headers.get("ETag", ""))
    except Unsatisfiable:
        file.close()
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    partial = (first, last) != (0, size - 1)
    if partial:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    headers["Content-Length"] = str(last - first + 1)
    _note_playback(request, operator, call_uuid, found, first)
    status = 206 if partial else 200
    if request.method == "HEAD":
        file.close()
        return HttpResponse(status=status, headers=headers)
    return StreamingHttpResponse(_pieces(file, first, last - first + 1), status=status, headers=headers)


def _note_playback(request: HttpRequest, operator: Operator, call_uuid: str, found: Recording, first: int) -> None:
    """One audit line a playback: players ask for many ranges, and those after the beginning belong to what is noted already.

    Whoever leaves out the beginning is noted all the same.
    """
    if request.method != "GET":
        return
    target, now = f"recording:{call_uuid}:{found.key}"[:260], timezone.now()
    lines = AuditLine.objects.filter(operator=operator, action="reading", target=target, at__gte=now - ONE_PLAYBACK)
    if first == 0 or not lines.exists():
        by = "token" if "Authorization" in request.headers else "session"
        audit.record(operator, "reading", target, address=audit.address_of(request), detail={"by": by})


def access_recording(operator: Operator, call_uuid: str, recording: str) -> Recording:
    """The recording, if the operator may see its call. Raises Http404."""
    call = access_call(operator, call_uuid)
    named = Q(key=recording)
    if recording.isascii() and recording.isdigit() and len(recording) <= LONGEST_NUMBER:
        named |= Q(pk=int(recording))
    found = None if "\x00" in recording else call.recordings.filter(named).first()
    if found is None:
        raise Http404("There is no such recording.")
    return found


def _headers(recording: Recording, call_uuid: str) -> dict[str, str]:
    """``no-cache``: a browser may keep the audio, and asks each time whether its person may still hear it."""
    name = get_valid_filename(f"{call_uuid}-{recording.pk}.wav")
    headers = {
        "Content-Type": "audio/wav",
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization, Cookie",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": content_disposition_header(as_attachment=False, filename=name) or "inline",
    }
    if recording.digest:
        headers["ETag"] = f'"{recording.digest}"'
    return headers


def _wanted(request: HttpRequest, size: int, etag: str) -> tuple[int, int]:
    """First and last byte to send. Raises Unsatisfiable."""
    whole = (0, size - 1)
    match = _RANGE.match(request.headers.get("Range", "").strip())
    if match is None or match.groups() == ("", "") or request.headers.get("If-Range", etag) != etag:
        return whole
    first, last = match.groups()
    if not first:
        start, end = size - min(int(last), size), size - 1
    else:
        start, end = int(first), min(int(last), size - 1) if last else size - 1
        if last and int(last) < start:
            return whole
    if start >= size:
        raise Unsatisfiable
    return start, end


async def _pieces(file: IO[Any], first: int, length: int) -> AsyncIterator[bytes]:
    """Read in threads: neither the file's disk nor a slow listener holds up the others."""
    try:
        await sync_to_async(file.seek, thread_sensitive=False)(first)
        while length > 0:
            piece: bytes = await sync_to_async(file.read, thread_sensitive=False)(min(CHUNK, length))
            if not piece:
                return
            length -= len(piece)
            yield piece
    finally:
        file.close()
