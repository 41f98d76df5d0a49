"""Both ends of the reference: frames in by one consumer, rows out by another."""

import json
import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.naive.settings")
django.setup()

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.template.loader import render_to_string
from django.urls import path

from bench.naive.models import Call, Event


class Ingest(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels has no types
    """One frame a message, or an envelope of them; answered when all are saved."""

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002
        message = json.loads(text_data or "{}")
        frames = message.get("frames", [message])
        for frame in frames:
            call = await self.save(frame)
            await self.channel_layer.group_send("floor", {"type": "call.changed", "call": call})
        await self.send(json.dumps({"ack": message.get("id"), "accepted": len(frames), "duplicates": 0, "rejected": []}))

    @database_sync_to_async  # type: ignore[untyped-decorator]
    def save(self, frame: dict[str, Any]) -> int:
        call, _ = Call._default_manager.get_or_create(call_uuid=frame["callId"])
        Event._default_manager.create(call=call, name=frame["event"], frame=frame)
        if frame["event"] == "audio.metrics":
            call.level = frame["rms"]
        elif frame["event"] == "call.started":
            call.status = "answered"
        else:
            call.last_text = frame.get("text") or f"{call.last_text} {frame.get('word', '')}"[-200:]
        call.save()
        return int(call.pk)


class Floor(AsyncWebsocketConsumer):  # type: ignore[misc]
    """A browser."""

    async def connect(self) -> None:
        await self.channel_layer.group_add("floor", self.channel_name)
        await self.accept()
        await self.send('{"frame":1,"rev":0,"state":"live"}')

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """A confirmation: of no use here."""

    async def call_changed(self, event: dict[str, Any]) -> None:
        await self.send(await self.draw(event["call"]))

    @database_sync_to_async  # type: ignore[untyped-decorator]
    def draw(self, pk: int) -> str:
        return render_to_string("naive/row.html", {"call": Call._default_manager.get(pk=pk)})


application = ProtocolTypeRouter({"websocket": URLRouter([path("ws/ingest/load/", Ingest.as_asgi()), path("ws/feed/", Floor.as_asgi())])})
