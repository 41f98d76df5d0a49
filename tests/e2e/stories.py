"""Calls as Pinecall tells them, frame by frame, now."""

import itertools
import time
from typing import Any
from uuid import uuid4

Frame = dict[str, Any]
_numbers = itertools.count(100)


class Conversation:
    """One call; every method makes its next frame. ``seq`` and ``ts`` rise as the provider's do."""

    channel = "phone"

    def __init__(self, contact: str = "", uuid: str = "", agent: str = "frontdesk", number: str = "", first: int = 0) -> None:
        self.uuid = uuid or f"CA{uuid4().hex}"
        self.contact, self.agent = contact, agent
        self.number = number or f"+447700900{next(_numbers):03d}"
        self.seq = first

    @property
    def row(self) -> str:
        """DOM id of its row on the floor."""
        return f"row-{self.uuid}"

    def frame(self, event: str, **fields: Any) -> Frame:
        self.seq += 1
        return {"event": event, "agent_id": self.agent, "call_id": self.uuid, "seq": self.seq, "ts": round(time.time(), 3), **fields}

    def rings(self) -> Frame:
        return self.frame("call.ringing", **{"from": self.number, "to": "+442079460118"})

    def starts(self, **metadata: Any) -> Frame:
        return self.frame(
            "call.started",
            **{"from": self.number, "to": "+442079460118", "direction": "inbound", "transport": self.channel, "language": "en"},
            metadata=metadata,
            contact_name=self.contact,
        )

    def hears(self, message: str, text: str) -> Frame:
        """The contact is still speaking."""
        return self.frame("user.speaking", message_id=message, text=text)

    def heard(self, message: str, text: str) -> Frame:
        """What the contact said, settled."""
        return self.frame("user.message", message_id=message, text=text, confidence=0.98)

    def begins(self, message: str, text: str) -> Frame:
        """The agent begins to say this."""
        return self.frame("bot.speaking", message_id=message, text=text)

    def word(self, message: str, index: int, word: str) -> Frame:
        return self.frame("bot.word", message_id=message, word=word, word_index=index, start_time=index * 0.3, end_time=index * 0.3 + 0.2)

    def said(self, message: str, text: str) -> list[Frame]:
        """The agent has said it to the end."""
        return [
            self.frame("bot.finished", message_id=message, duration_ms=900),
            self.frame("message.confirmed", message_id=message, text=text),
        ]

    def says(self, message: str, text: str) -> list[Frame]:
        """The agent says it, without single words."""
        return [self.begins(message, text), *self.said(message, text)]

    def tool(self, tool: str, name: str, arguments: str, result: Any) -> list[Frame]:
        return [
            self.frame("llm.tool_call", msg_id=f"m-{tool}", tool_calls=[{"id": tool, "name": name, "arguments": arguments}]),
            self.frame("llm.tool_result", msg_id=f"m-{tool}", results=[{"tool_call_id": tool, "result": result}]),
        ]

    def held(self) -> Frame:
        return self.frame("call.held")

    def unheld(self) -> Frame:
        return self.frame("call.unheld")

    def louder(self, side: str, decibel: float) -> Frame:
        return self.frame("audio.metrics", source=side, energy_db=decibel, rms=0.1, peak=0.3, is_speech=True)

    def runs_out_of_credit(self) -> Frame:
        """Needs a human from now on."""
        return self.frame("credits.exhausted", org_id="org-1")

    def ends(self, reason: str = "hangup") -> Frame:
        return self.frame("call.ended", reason=reason, direction="inbound", **{"from": self.number, "to": "+442079460118"})


class WebCall(Conversation):
    """From a browser: no numbers."""

    channel = "webrtc"

    def __init__(self, contact: str = "", uuid: str = "", agent: str = "frontdesk") -> None:
        super().__init__(contact, uuid or str(uuid4()), agent, "webrtc")
