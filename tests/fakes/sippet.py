"""Sippet on loopback for one test: the server that the simulator presents too, with calls that a test scripts."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from time import time
from typing import Any

from callcenter.providers.simulator.services.sippet import SippetService, serve_sippet
from callcenter.providers.simulator.services.sippet_books import Complaint, iso

KEY = "sk_test_secret"


class FakeSippet(SippetService):
    """Calls begin and go on whether or not anybody listens. ``deeds``: the actions that were carried out, in order."""

    def __init__(self, **options: Any) -> None:
        super().__init__(KEY, act=self.obey, **options)
        self.numbers = count(1)
        self.deeds: list[tuple[str, str]] = []
        self.refusal: Complaint | None = None

    async def begin(self, *, push: bool = False) -> str:
        """A call arrives; its id."""
        uuid = f"call-{next(self.numbers)}"
        fields = {
            "callUuid": uuid,
            "callId": f"rec-{uuid}",
            "direction": "inbound",
            "fromNumber": "+14045550119",
            "toNumber": "+14045550100",
        }
        await self.say("incoming_call", {**fields, "status": "ringing", "startedAt": iso(time())}, push=push)
        await self.say("call_participant_joined", {**_names(uuid), "memberUuid": f"m-{uuid}", "role": "caller", "joinedAt": iso(time())})
        return uuid

    async def answer_call(self, uuid: str) -> None:
        await self.say("call_answered", {**_names(uuid), "status": "answered", "answeredAt": iso(time())})
        await self.enter(uuid, "ai_agent")

    async def enter(self, uuid: str, role: str) -> None:
        """A further leg."""
        member = f"m-{role}-{uuid}-{next(self.numbers)}"
        await self.say("call_participant_joined", {**_names(uuid), "memberUuid": member, "role": role, "joinedAt": iso(time())})

    async def utter(self, uuid: str, text: str, role: str = "user") -> None:
        """One line, in pieces and then whole."""
        item = {"itemId": f"itm-{next(self.numbers)}", "contentIndex": 0, "role": role}
        await self.say("call_transcript_delta", {**_names(uuid), **item, "delta": text[:4]})
        await self.say("call_transcript_completed", {**_names(uuid), **item, "text": text, "occurredAt": iso(time())})

    async def end(self, uuid: str, status: str = "completed") -> None:
        await self.say("call_ended", {**_names(uuid), "status": status, "endedAt": iso(time()), "durationSeconds": 1})

    async def obey(self, body: dict[str, Any]) -> Any:
        """What operators ask for, done at once."""
        given, action = body.get("input") or {}, body["action"]
        if self.refusal is not None:
            raise self.refusal
        uuid = given.get("callUuid", "")
        if uuid and uuid not in self.books.calls:
            raise Complaint("not_found", "record not found", "callUuid")
        self.deeds.append((action, uuid or given.get("toNumber", "")))
        if action == "end_call":
            await self.end(uuid)
        elif action == "barge_call":
            await self.enter(uuid, "operator")
        elif action == "resume_ai_call":
            await self.enter(uuid, "ai_agent")
        elif action == "start_outbound_call":
            new = f"call-{next(self.numbers)}"
            fields = {"direction": "outbound", "toNumber": given["toNumber"], "startedAt": iso(time())}
            await self.say("incoming_call", {**_names(new), **fields})
            return {"callUuid": new}
        return {}


def _names(uuid: str) -> dict[str, str]:
    return {"callUuid": uuid, "callId": f"rec-{uuid}"}


@asynccontextmanager
async def fake_sippet(**options: Any) -> AsyncIterator[FakeSippet]:
    """A server of its own on a free port."""
    fake = FakeSippet(**options)
    async with serve_sippet(fake):
        yield fake
