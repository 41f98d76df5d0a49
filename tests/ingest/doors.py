"""The doors of ingest inside this process, from the provider's side: the real application."""

from typing import Any

import orjson
from channels.testing import WebsocketCommunicator
from django.test import AsyncClient

from callcenter.asgi import application
from callcenter.ingest.message import Source
from callcenter.ingest.pipeline import pipeline
from callcenter.ingest.sender import sender
from tests.ingest.playing import TOKEN

WAIT_S = 30  # generous: the machine may be busy


class Socket:
    """A provider's side of the ingest socket."""

    def __init__(self, communicator: WebsocketCommunicator) -> None:
        self.communicator = communicator

    async def say(self, text: str) -> None:
        await self.communicator.send_to(text_data=text)

    async def hear(self) -> Any:
        return orjson.loads(await self.communicator.receive_from(WAIT_S))

    async def ask(self, value: Any) -> Any:
        """Send one message, text as it is and anything else as JSON; its answer."""
        await self.say(value if isinstance(value, str) else orjson.dumps(value).decode())
        return await self.hear()


class Door:
    """Opens sockets and posts bodies for one connection."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.communicators: list[WebsocketCommunicator] = []
        self.http = AsyncClient()

    def communicator(self, slug: str = "", token: str | None = TOKEN) -> WebsocketCommunicator:
        headers = [(b"host", b"testserver")] + ([(b"authorization", f"Bearer {token}".encode())] if token is not None else [])
        made = WebsocketCommunicator(application, f"/ws/ingest/{slug or self.source.slug}/", headers)
        self.communicators.append(made)
        return made

    async def open(self) -> Socket:
        communicator = self.communicator()
        connected, _ = await communicator.connect(WAIT_S)
        assert connected
        return Socket(communicator)

    async def refused_with(self, slug: str = "", token: str | None = TOKEN) -> int:
        """The close code of a handshake that is refused; servers make 403 of it."""
        connected, code = await self.communicator(slug, token).connect(WAIT_S)
        assert not connected
        return int(code or 0)

    async def post(self, body: Any, *, token: str | None = TOKEN, key: str = "", slug: str = "") -> tuple[int, Any]:
        """Status and JSON of a POST; text and bytes go as they are."""
        data = body if isinstance(body, bytes) else (body.encode() if isinstance(body, str) else orjson.dumps(body))
        headers = ({"Authorization": f"Bearer {token}"} if token is not None else {}) | ({"Idempotency-Key": key} if key else {})
        answer = await self.http.post(f"/ingest/{slug or self.source.slug}/", data, content_type="application/json", headers=headers)
        return answer.status_code, orjson.loads(answer.content)

    async def put(self, call: str, audio: bytes, *, token: str | None = TOKEN) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        answer = await self.http.put(f"/ingest/{self.source.slug}/recordings/{call}/", audio, content_type="audio/wav", headers=headers)
        return answer.status_code, orjson.loads(answer.content)

    async def record(self, call: str, record: Any, *, token: str | None = TOKEN, slug: str = "") -> tuple[int, Any]:
        """Status and JSON of a PUT to the door for finished conversations; bytes go as they are."""
        data = record if isinstance(record, bytes) else orjson.dumps(record)
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        path = f"/ingest/{slug or self.source.slug}/history/{call}/"
        answer = await self.http.put(path, data, content_type="application/json", headers=headers)
        return answer.status_code, orjson.loads(answer.content)

    async def close(self) -> None:
        for communicator in self.communicators:
            await communicator.disconnect(WAIT_S)
        await pipeline().close()
        await sender().close()
