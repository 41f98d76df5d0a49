"""Pinecall's two spellings of a frame: the voice server's wire and the SDK's stream.

A form belongs to one call. What never changes about the call is encoded once; each frame encodes
only its own fields. Source: contract pinecall.md A, C.1 and D.
"""

from collections.abc import Mapping
from functools import cache
from typing import Protocol

from callcenter.providers.simulator.frame import Frame, Freedom, braced, encode, inner
from callcenter.providers.simulator.identity import Identity
from callcenter.providers.simulator.names import EVENTS, Shape

Fields = Mapping[str, object]

WITHOUT_SESSION = {"call.ringing", "call.dialing", "call.rejected", "call.error", "credits.rejected"}
PAUSES = {"session.paused", "session.resumed"}
THREADED = ("whatsapp.",)
TURN_AS_ID = {"eager.turn", "turn.end"}


class Form(Protocol):
    """Encodes the events of one call."""

    def encode(self, event: str, fields: Fields, seq: int, ts: float) -> Frame | None:
        """The frame of a wire-named event, or None when this form never shows it."""
        ...


@cache
def camel(name: str) -> str:
    """``call_id`` as ``callId``."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def scope_of(event: str, identity: Identity) -> str:
    """Pauses keep their order within the agent, everything else within its call."""
    return f"agent:{identity.agent}" if event in PAUSES else identity.call_id


class WireForm:
    """snake_case with ``agent_id``, a sequence and a time on every frame."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        agent = {"agent_id": identity.server_agent or identity.agent}
        call = {"call_id": identity.call_id}
        session = {"session_id": identity.call_id}
        self.agent = inner(agent)
        self.bare = inner(agent | call)
        self.voice = inner(agent | call | session)
        self.thread = inner(agent | session)

    def encode(self, event: str, fields: Fields, seq: int, ts: float) -> Frame | None:
        """One frame; the bridge's own events do not exist on the wire."""
        row = EVENTS[event]
        if event.startswith("bridge."):
            return None
        if event.startswith("history."):
            who = inner({"call_id": self.identity.call_id})
        elif row.shape is Shape.AGENT and event not in WITHOUT_SESSION:
            who = self.agent
        elif event.startswith(THREADED):
            who = self.thread
        elif event in WITHOUT_SESSION or self.identity.transport == "whatsapp":
            who = self.bare
        else:
            who = self.voice
        name = b'"event":' + encode(event)
        data = braced(name, who, inner(fields), b'"seq":%d,"ts":%.3f' % (seq, ts))
        freedom = Freedom.ONCE if event == "llm.chat.chunk" else Freedom.LOOSE
        return Frame(data, scope_of(event, self.identity), row.durable, freedom)


class StreamForm:
    """camelCase with the call's own fields at top level and the customer's ``agent``."""

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        server = {"agentId": identity.server_agent or identity.agent}
        call = {"callId": identity.call_id}
        session = {"sessionId": identity.call_id}
        ends = {"from": identity.from_number, "to": identity.to_number, "direction": identity.direction}
        transport = {"transport": identity.transport}
        metadata = {"metadata": identity.metadata} if identity.metadata else {}
        voiced = identity.transport != "whatsapp"
        self.ids = server | call | (session if voiced else {})
        self.thread = inner(server | session)
        self.agent = inner({"agent": identity.agent})
        self.shapes: dict[Shape, dict[str, object]] = {
            Shape.FULL: {**self.ids, **ends, **transport},
            Shape.BARE: {**call, **ends, **transport},
            Shape.BRIDGE: {**call, **ends, **transport, **metadata},
            Shape.BRIDGE_FULL: {**self.ids, **ends, **transport, **metadata},
            Shape.RINGING: {**call, **ends, **metadata},
        }
        self.parts = {shape: inner(fields) for shape, fields in self.shapes.items()}

    def encode(self, event: str, fields: Fields, seq: int, ts: float) -> Frame | None:
        """One frame, or None for what the SDK swallows and no bridge can add."""
        row = EVENTS[event]
        shape = row.shape
        if shape is Shape.HIDDEN:
            return None
        own = {camel(key): value for key, value in fields.items()}
        if event in TURN_AS_ID:
            own["id"] = own.pop("turnId")
        numbered = shape in (Shape.FULL, Shape.BRIDGE_FULL, Shape.THREAD)
        stamp = b'"seq":%d,"ts":%.3f' % (seq, ts) if numbered else b""
        data = braced(b'"event":' + encode(row.stream), self._who(shape, own), inner(own), stamp, self.agent)
        return Frame(data, scope_of(event, self.identity), row.durable, row.freedom)

    def _who(self, shape: Shape, own: dict[str, object]) -> bytes:
        """The call's part; where the event brings a field of that name itself, its own stays."""
        if shape is Shape.AGENT:
            return b""
        if shape is Shape.THREAD:
            return self.thread
        if own.keys() & self.shapes[shape].keys():
            return inner({key: value for key, value in self.shapes[shape].items() if key not in own})
        return self.parts[shape]


def form_for(name: str, identity: Identity) -> WireForm | StreamForm:
    """The encoder for ``stream`` or ``wire``."""
    return WireForm(identity) if name == "wire" else StreamForm(identity)
