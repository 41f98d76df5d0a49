"""Calls of every channel, as their providers tell them, ready to be changed."""

import time
from base64 import b64encode
from typing import Any
from uuid import uuid4

from callcenter.providers.simulator.audio import recording
from tests.e2e.stories import Conversation, Frame
from tests.live.stage import Stage


class Chat(Conversation):
    """Written in a web page."""

    channel = "chat"

    def __init__(self) -> None:
        super().__init__(uuid=f"chat-{uuid4().hex[:12]}", number="chat")


class WhatsApp(Conversation):
    """One provider session of a thread."""

    channel = "whatsapp"

    def __init__(self, digits: str = "447700900983") -> None:
        super().__init__("Noor", uuid=f"wa-{uuid4().hex[:12]}")
        self.digits = digits

    def session(self, event: str, **fields: Any) -> Frame:
        frame = self.frame(event, **fields)
        frame["session_id"] = frame.pop("call_id")
        return frame

    def opens(self, name: str = "Noor") -> Frame:
        return self.session("whatsapp.session_started", contact_phone=self.digits, contact_name=name)

    def writes(self, message: str, text: str, kind: str = "text", **fields: Any) -> Frame:
        return self.session("whatsapp.message", **{"from": self.digits}, name="Noor", type=kind, text=text, message_id=message, **fields)

    def answers(self, text: str, **fields: Any) -> Frame:
        return self.session("whatsapp.response", to=self.digits, text=text, **fields)

    def status(self, status: str, message: str = "wamid.O1") -> Frame:
        frame = self.session("whatsapp.status", status=status, recipient=self.digits, message_id=message)
        del frame["session_id"]
        return frame


class Sippet:
    """A telephone call as Sippet tells it."""

    def __init__(self) -> None:
        self.uuid = str(uuid4())
        self.items = 0

    def frame(self, event: str, **fields: Any) -> Frame:
        return {"event": event, "callUuid": self.uuid, **fields}

    def rings(self) -> Frame:
        return self.frame("incoming_call", direction="inbound", fromNumber="+14045550119", toNumber="+14045550100", startedAt=now())

    def answers(self) -> Frame:
        return self.frame("call_answered", answeredAt=now(), agentId="7b0c5f12-0000-4000-8000-000000000001")

    def joins(self, member: str, role: str) -> Frame:
        return self.frame("call_participant_joined", memberUuid=member, role=role, joinedAt=now())

    def leaves(self, member: str, role: str) -> Frame:
        return self.frame("call_participant_left", memberUuid=member, role=role, leftAt=now())

    def piece(self, item: str, text: str, role: str = "assistant") -> Frame:
        return self.frame("call_transcript_delta", itemId=item, role=role, delta=text)

    def line(self, item: str, text: str, role: str = "assistant") -> Frame:
        return self.frame("call_transcript_completed", itemId=item, role=role, text=text, occurredAt=now())

    def audit(self, kind: str, **fields: Any) -> Frame:
        return self.frame("call_ai_audit_event", id=str(uuid4()), eventType=kind, occurredAt=now(), **fields)

    def ends(self) -> Frame:
        return self.frame("call_ended", status="completed", endedAt=now())


def now() -> str:
    """A time as Sippet writes it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def sound() -> str:
    """A short recording, base64."""
    return b64encode(recording([], 0.2)[0]).decode()


class Scene:
    """A stage with one call of each kind that can be set going; ``watched`` is the call whose page is open."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.call = Conversation("Lena Hoffmann")
        self.chat = Chat()
        self.whatsapp = WhatsApp()
        self.sip = Sippet()
        self.watched = ""

    def send(self, *frames: Frame, ago: float = 0) -> None:
        self.stage.pinecall.send(*frames, ago=ago)

    def sippet(self, *frames: Frame) -> None:
        self.stage.sippet.send(*frames)

    def talk(self) -> None:
        """The telephone call runs and something was said."""
        self.send(self.call.starts(), self.call.heard("u0", "Good morning"), *self.call.says("m0", "How can I help?"))
        self.watched = self.call.uuid

    def speak(self) -> None:
        """The agent is in the middle of a sentence."""
        self.talk()
        text = "We have nine or ten o'clock"
        self.send(self.call.begins("m1", text), *(self.call.word("m1", index, word) for index, word in enumerate(text.split()[:3])))

    def write(self) -> None:
        """The WhatsApp session runs, and the agent has answered once."""
        self.send(self.whatsapp.opens(), self.whatsapp.writes("wamid.N1", "Can I still book?"), self.whatsapp.answers("Today is full."))
        self.watched = self.whatsapp.uuid

    def type(self) -> None:
        """The chat runs."""
        self.send(self.chat.frame("llm.chat.started"), self.chat.frame("chat.message", text="Do you treat children?", message_id="c1"))
        self.watched = self.chat.uuid

    def dial(self) -> None:
        """The Sippet call runs."""
        self.sippet(self.sip.rings(), self.sip.joins("m-1", "caller"), self.sip.answers(), self.sip.line("i0", "What can I do for you?"))
        self.watched = self.sip.uuid

    def agent(self, event: str, **fields: Any) -> None:
        """A frame about the agent and no call."""
        self.send({"event": event, "agent_id": "frontdesk", "ts": round(time.time(), 3), **fields})
