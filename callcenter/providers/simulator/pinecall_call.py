"""A Pinecall conversation of any channel: it speaks in the form its account uses."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from random import Random

from callcenter.providers.simulator.account import Account
from callcenter.providers.simulator.conversation import Conversation, Story
from callcenter.providers.simulator.frame import encode
from callcenter.providers.simulator.identity import Identity, message_id
from callcenter.providers.simulator.people import fill
from callcenter.providers.simulator.pinecall_form import form_for
from callcenter.providers.simulator.script import Tool

Fields = Mapping[str, object]
NONE: Fields = {}


class PinecallCall(Conversation, ABC):
    """Shared by voice, chat and WhatsApp."""

    def __init__(self, account: Account, identity: Identity, slots: Mapping[str, str], rng: Random) -> None:
        super().__init__(account, identity, slots, rng)
        self.form = form_for(account.form, identity)
        self.history: list[dict[str, object]] = []

    @property
    def on_wire(self) -> bool:
        """Whether frames leave in the voice server's own spelling."""
        return self.account.form == "wire"

    @property
    def paused(self) -> bool:
        """Whether the agent is told to be silent here."""
        who = self.identity
        voiced = who.transport != "whatsapp"
        if voiced and not self.account.voice_pause:
            return False
        return self.account.pauses_of(who.agent).covers(who.contact, who.call_id)

    def emit(self, event: str, fields: Fields = NONE, *, wire: Fields = NONE, stream: Fields = NONE, same_seq: bool = False) -> None:
        """Send an event: fields of both forms, and those that only one of them carries."""
        extra = wire if self.on_wire else stream
        seq = self.account.seq if same_seq else self.account.next_seq()
        frame = self.form.encode(event, {**fields, **extra} if extra else fields, seq, self.now)
        if frame is not None:
            self.out.append(frame)

    def use(self, tool: Tool) -> Story:
        """The agent calls a tool, waits, and has its result or its failure."""
        msg, call = message_id(self.ids), f"call_{self.ids.getrandbits(32):08x}"
        arguments = encode(fill(tool.arguments, self.slots)).decode()
        wanted: dict[str, object] = {"id": call, "name": tool.name, "arguments": arguments}
        if self.on_wire and self.rng.random() < 0.5:
            wanted = {"id": call, "function": {"name": tool.name, "arguments": arguments}}
        self.emit("llm.tool_call", {"msg_id": msg, "tool_calls": [wanted]})
        yield tool.seconds * self.rng.uniform(0.7, 1.5)
        result = {"error": tool.error} if tool.error else fill(tool.result, self.slots)
        self.emit("llm.tool_result", {"msg_id": msg, "results": [{"tool_call_id": call, "result": result}]})
        function = {"name": tool.name, "arguments": arguments}
        self.history.append({"role": "assistant", "tool_calls": [{"id": call, "type": "function", "function": function}]})
        self.history.append({"role": "tool", "tool_call_id": call, "content": encode(result).decode()})

    def note(self, role: str, content: str) -> None:
        """Add a line to the transcript and to the model's history."""
        super().note(role, content)
        self.history.append({"role": role, "content": content})

    @abstractmethod
    def obey(self, event: str, command: Mapping[str, object]) -> bool:
        """Do what a command of section E asks; False when this conversation cannot."""

    @abstractmethod
    def oppose(self, event: str, command: Mapping[str, object]) -> None:
        """Do the opposite of what a command asks, as a provider with a fault would."""
