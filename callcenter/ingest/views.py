"""Ingest over HTTP: the same frames through the same pipeline, answered after the commit."""

import asyncio
import hashlib
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

from asgiref.sync import sync_to_async
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from callcenter.calls.audio import NotAudio, StoredAudio, store_chunks
from callcenter.domain.events.lifecycle import RecordingReceived
from callcenter.ingest.door import bearer, enter
from callcenter.ingest.history import NoRecord, frame_of, stream_of
from callcenter.ingest.locks import is_committed
from callcenter.ingest.message import MAX_BODY, MAX_FRAMES, MAX_MESSAGE, Answer, Message, Source, TooLarge, Unparsed, open_value, parse
from callcenter.ingest.pipeline import Busy, pipeline
from callcenter.providers.values import ID_CHARS

log = logging.getLogger(__name__)

CHUNK = 1024 * 1024
MAX_BODY_FRAMES = 200_000


@csrf_exempt
@require_http_methods(["POST"])
async def frames(request: HttpRequest, connection: str) -> JsonResponse:
    """One frame, an array, NDJSON or an envelope; 202 with counts, 400 when nothing of it could be read."""
    source = await _enter(request, connection)
    if source is None:
        return _refused()
    if _length(request) > MAX_BODY:
        return _error("too_large", 413)
    try:
        message = await asyncio.to_thread(lambda: open_body(source, b"".join(_chunks(request)), datetime.now(UTC)))
        answer = await _submit(message, request.headers.get("Idempotency-Key", ""))
    except TooLarge:
        return _error("too_large", 413)
    except Busy:
        return _error("busy", 503, {"Retry-After": "1"})
    read = answer.accepted + answer.duplicates
    return JsonResponse(answer.as_json(), status=202 if read or not answer.rejected else 400)


@csrf_exempt
@require_http_methods(["PUT"])
async def recording(request: HttpRequest, connection: str, call_uuid: str) -> JsonResponse:
    """Audio of a call as it is, streamed to disk; sending it twice stores it once."""
    source = await _enter(request, connection)
    if source is None:
        return _refused()
    if _length(request) > MAX_BODY:
        return _error("too_large", 413)
    if not is_call_id(call_uuid):
        return _error("This is no call id.", 400)
    try:
        stored: StoredAudio = await sync_to_async(store_chunks, thread_sensitive=False)(_chunks(request))
        event = RecordingReceived(
            call=call_uuid,
            file=stored.file,
            digest=stored.digest,
            duration_ms=stored.duration_ms,
            sample_rate=stored.sample_rate,
        )
        answer = await pipeline().submit(Message(source, [event], datetime.now(UTC)))
    except NotAudio as error:
        return _error(str(error), 400)
    except TooLarge:
        return _error("too_large", 413)
    except OSError:
        log.exception("A recording could not be stored")
        return _error("The recording could not be stored here: send it again.", 503, {"Retry-After": "30"})
    except Busy:
        return _error("busy", 503, {"Retry-After": "1"})
    return JsonResponse(answer.as_json(), status=400 if answer.rejected else 202)


@csrf_exempt
@require_http_methods(["PUT"])
async def history(request: HttpRequest, connection: str, call_uuid: str) -> JsonResponse:
    """The full record of a finished conversation: fills what is missing; 409 while it is not over, 400 when it is no record."""
    source = await _enter(request, connection)
    if source is None:
        return _refused()
    if source.provider != "pinecall":
        return _error("Only connections of Pinecall take records of conversations.", 400)
    if not is_call_id(call_uuid):
        return _error("This is no call id.", 400)
    if _length(request) > MAX_MESSAGE:
        return _error("too_large", 413)
    try:
        record = await asyncio.to_thread(lambda: parse(b"".join(_chunks(request, MAX_MESSAGE))))
        frame = frame_of(call_uuid, record)
        answer = await pipeline().submit(Message(source, [frame], datetime.now(UTC), stream_of(frame), 0, passing=True))
    except NoRecord as error:
        return _error(str(error), 409 if error.early else 400)
    except TooLarge:
        return _error("too_large", 413)
    except Busy:
        return _error("busy", 503, {"Retry-After": "1"})
    answer.ack = None
    return JsonResponse(answer.as_json(), status=400 if answer.rejected else 202)


def is_call_id(value: str) -> bool:
    return 0 < len(value) <= ID_CHARS and "\x00" not in value


def open_body(source: Source, body: bytes, received: datetime) -> Message:
    """JSON first; what is no JSON as a whole is read line by line."""
    value = parse(body)
    if not isinstance(value, Unparsed):
        return open_value(source, value, received, MAX_BODY_FRAMES)
    lines = [line for line in body.split(b"\n") if line.strip()]
    if len(lines) > MAX_BODY_FRAMES:
        raise TooLarge(None)
    return Message(source, [parse(line) for line in lines] or [value], received)


async def _submit(message: Message, key: str) -> Answer:
    """Commit in pieces the size of a socket message. With a key each piece is taken once, however often it is sent."""
    ack = message.envelope
    if key and not message.stream:
        message.stream, message.envelope, message.passing = f"key:{_digest(key)}", 0, True
    if len(message.frames) <= MAX_FRAMES:
        answer = await pipeline().submit(message)
        answer.ack = ack
        return answer
    if message.stream and await sync_to_async(is_committed, thread_sensitive=False)(message):
        return Answer(ack, duplicates=len(message.frames))
    total = Answer(ack)
    stream = f"piece:{_digest(f'{message.stream} {message.envelope}')}" if message.stream else ""
    for number, start in enumerate(range(0, len(message.frames), MAX_FRAMES)):
        frames = message.frames[start : start + MAX_FRAMES]
        piece = Message(message.source, frames, message.received, stream, number if stream else None, passing=True)
        part = await (await pipeline().enqueue(piece))
        total.accepted += part.accepted
        total.duplicates += part.duplicates
        total.rejected += [(start + index, error) for index, error in part.rejected]
    if message.stream:  # now that all pieces are committed, the message itself is
        done = Message(message.source, [], message.received, message.stream, message.envelope, message.passing)
        await (await pipeline().enqueue(done))
    return total


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:40]


async def _enter(request: HttpRequest, connection: str) -> Source | None:
    token = bearer(request.headers.get("Authorization", ""))
    return await sync_to_async(enter, thread_sensitive=False)(connection, token)


def _chunks(request: HttpRequest, limit: int = 0) -> Iterator[bytes]:
    """The body in pieces, whether or not its length was announced. Raises TooLarge."""
    size = 0
    while chunk := request.read(CHUNK):
        size += len(chunk)
        if size > (limit or MAX_BODY):
            raise TooLarge(None)
        yield chunk


def _length(request: HttpRequest) -> int:
    length = request.headers.get("Content-Length") or "0"
    return int(length) if length.isdigit() else 0


def _refused() -> JsonResponse:
    return _error("The connection or its token is not known.", 401, {"WWW-Authenticate": "Bearer"})


def _error(text: str, status: int, headers: dict[str, str] | None = None) -> JsonResponse:
    return JsonResponse({"error": text}, status=status, headers=headers)
