"""The browser's socket, ``/ws/feed/``. Upwards it carries only ``{since, view}``, ``{seen}`` and ``{visible}``."""

from typing import Any

import orjson

from callcenter.console.floor import audience_of
from callcenter.live.hub import hub
from callcenter.live.socket import SIGNED_OUT, Reader, Socket
from callcenter.operators.models import Operator
from callcenter.sockets import LightConsumer

MAX_MESSAGE = 4096


class FeedConsumer(LightConsumer):
    """One page of one reader."""

    socket: Socket | None = None

    async def connect(self) -> None:
        """Who is not signed in is told so: refused before accepting, a browser would only know that the line is down."""
        user = self.scope["user"]
        if not isinstance(user, Operator) or not user.is_active:
            await self.accept()
            await self.close(SIGNED_OUT)
            return
        audience = await hub().in_thread(audience_of, user)
        reader = Reader(user.pk, self.scope["session"].session_key or "", user.get_session_auth_hash())
        await self.accept()
        self.socket = Socket(reader, audience, self.send, self.close)
        self.socket.role = user.role
        self.socket.start()

    async def disconnect(self, code: int) -> None:
        if self.socket is not None:
            hub().leave(self.socket)
            self.socket.stop()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """What cannot be read is ignored: the page asks again when it reconnects."""
        if self.socket is None or text_data is None or len(text_data) > MAX_MESSAGE:
            return
        try:
            said = orjson.loads(text_data)
        except orjson.JSONDecodeError:
            return
        if isinstance(said, dict):
            self._take(self.socket, said)

    def _take(self, socket: Socket, said: dict[str, Any]) -> None:
        if "view" in said:
            socket.greet(said["view"])
            hub().join(socket)
        if isinstance(said.get("seen"), int) and socket.confirm(said["seen"]):
            hub().wake.set()
        if isinstance(said.get("visible"), bool) and socket.visible != said["visible"]:
            socket.visible = said["visible"]
            if socket.visible and socket.view is not None:
                hub().join(socket)
