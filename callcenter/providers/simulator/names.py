"""Every Pinecall event the simulator speaks: its stream name, its shape there, whether it is durable.

Source: contract pinecall.md (C.3, D) and events.csv; keys are the wire names.
"""

from enum import Enum
from typing import NamedTuple

from callcenter.providers.simulator.frame import Freedom


class Shape(Enum):
    """How the SDK's stream, or the bridge beside it, writes an event."""

    FULL = "agentId, callId, sessionId, own fields, seq, ts, the call's fields, agent"
    BARE = "own fields and the call's fields; no seq, no ts"
    BRIDGE = "like BARE, with the call's metadata"
    BRIDGE_FULL = "like FULL, with the call's metadata"
    RINGING = "like BRIDGE, without a transport"
    THREAD = "agentId, sessionId, own fields, seq, ts, agent"
    AGENT = "own fields and agent only"
    HIDDEN = "not in the stream at all"


class Row(NamedTuple):
    """One event: stream name, stream shape, durability, and its freedom in the stream."""

    stream: str
    shape: Shape
    durable: bool
    freedom: Freedom


LOOSE, KEPT, ONCE = Freedom.LOOSE, Freedom.KEPT, Freedom.ONCE
S = Shape

EVENTS: dict[str, Row] = {
    "call.started": Row("call.started", S.BARE, True, KEPT),
    "call.ringing": Row("call.ringing", S.RINGING, True, KEPT),
    "call.dialing": Row("call.dialing", S.RINGING, True, KEPT),
    "call.rejected": Row("call.rejected", S.RINGING, True, KEPT),
    "call.error": Row("call.error", S.AGENT, True, ONCE),
    "call.ended": Row("call.ended", S.BARE, True, KEPT),
    "call.forwarded": Row("call.forwarded", S.BRIDGE_FULL, True, LOOSE),
    "call.recording": Row("call.recording", S.BRIDGE_FULL, True, LOOSE),
    "call.held": Row("call.held", S.BRIDGE, True, KEPT),
    "call.unheld": Row("call.unheld", S.BRIDGE, True, KEPT),
    "call.muted": Row("call.muted", S.BRIDGE, True, KEPT),
    "call.unmuted": Row("call.unmuted", S.BRIDGE, True, KEPT),
    "call.dtmf_sent": Row("call.dtmf_sent", S.BRIDGE_FULL, True, LOOSE),
    "call.dtmf_received": Row("call.dtmf_received", S.FULL, True, LOOSE),
    "call.routed": Row("", S.HIDDEN, True, LOOSE),
    "call.route_failed": Row("", S.HIDDEN, True, LOOSE),
    "call.updated": Row("", S.HIDDEN, True, LOOSE),
    "llm.before": Row("", S.HIDDEN, False, LOOSE),
    "llm.preparing_timeout": Row("call.preparingTimeout", S.BRIDGE, True, KEPT),
    "llm.tool_call": Row("llm.toolCall", S.BARE, True, LOOSE),
    "llm.tool_result": Row("llm.tool_result", S.BRIDGE_FULL, True, LOOSE),
    "speech.started": Row("speech.started", S.FULL, False, LOOSE),
    "speech.ended": Row("speech.ended", S.FULL, False, LOOSE),
    "user.speaking": Row("user.speaking", S.FULL, False, LOOSE),
    "user.message": Row("user.message", S.FULL, True, LOOSE),
    "eager.turn": Row("eager.turn", S.BARE, False, KEPT),
    "turn.end": Row("turn.end", S.BARE, False, KEPT),
    "turn.continued": Row("turn.continued", S.FULL, False, LOOSE),
    "turn.pause": Row("turn.pause", S.FULL, False, LOOSE),
    "turn.resumed": Row("turn.resumed", S.FULL, False, LOOSE),
    "bot.speaking": Row("bot.speaking", S.FULL, True, LOOSE),
    "bot.word": Row("bot.word", S.FULL, False, LOOSE),
    "bot.finished": Row("bot.finished", S.FULL, True, LOOSE),
    "bot.interrupted": Row("bot.interrupted", S.FULL, True, LOOSE),
    "barge_in": Row("", S.HIDDEN, True, LOOSE),
    "message.confirmed": Row("message.confirmed", S.FULL, True, LOOSE),
    "message.aborted": Row("message.aborted", S.BRIDGE_FULL, True, LOOSE),
    "reply.rejected": Row("reply.rejected", S.FULL, True, LOOSE),
    "skill.loaded": Row("skill.loaded", S.BARE, True, ONCE),
    "skill.unloaded": Row("skill.unloaded", S.BARE, True, ONCE),
    "session.idle_warning": Row("session.idleWarning", S.BRIDGE_FULL, False, LOOSE),
    "session.timeout": Row("session.timeout", S.BRIDGE_FULL, True, LOOSE),
    "credits.exhausted": Row("credits.exhausted", S.BRIDGE_FULL, True, LOOSE),
    "credits.rejected": Row("credits.rejected", S.BRIDGE_FULL, True, LOOSE),
    "audio.metrics": Row("audio.metrics", S.FULL, False, LOOSE),
    "llm.chat.started": Row("chat.started", S.BRIDGE, True, KEPT),
    "chat.message": Row("user.message", S.BARE, True, KEPT),
    "chat.response": Row("bot.speaking", S.BARE, True, ONCE),
    "llm.chat.chunk": Row("bot.speaking", S.BARE, False, ONCE),
    "llm.chat.ended": Row("call.ended", S.BARE, True, KEPT),
    "llm.chat.error": Row("call.ended", S.BARE, True, KEPT),
    "whatsapp.session_started": Row("whatsapp.started", S.BRIDGE, True, KEPT),
    "whatsapp.message": Row("whatsapp.message", S.THREAD, True, LOOSE),
    "whatsapp.response": Row("whatsapp.response", S.THREAD, True, LOOSE),
    "whatsapp.status": Row("whatsapp.status", S.THREAD, True, LOOSE),
    "whatsapp.session_ended": Row("whatsapp.session_ended", S.THREAD, True, LOOSE),
    "session.paused": Row("session.paused", S.AGENT, True, KEPT),
    "session.resumed": Row("session.resumed", S.AGENT, True, KEPT),
    "session.sent": Row("session.sent", S.AGENT, False, KEPT),
    "session.configured": Row("session.configured", S.AGENT, False, KEPT),
    "agent.configured": Row("agent.configured", S.AGENT, False, KEPT),
    "history.data": Row("history.data", S.AGENT, False, KEPT),
    "history.updated": Row("history.updated", S.AGENT, False, KEPT),
    "bridge.transcript": Row("bridge.transcript", S.BRIDGE, True, KEPT),
}
