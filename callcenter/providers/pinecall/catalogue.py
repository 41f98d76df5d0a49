"""Every name of events.csv, and the names that the contract tells beyond it: what each means, or why it has no effect."""

from collections.abc import Callable

from msgspec.structs import replace

from callcenter.providers.pinecall import adapt, control, lifecycle, notes, speech, telephony, tools, whatsapp
from callcenter.providers.pinecall.names import ALIASES, CANONICAL
from callcenter.providers.pinecall.row import Body, Reader, Row
from callcenter.providers.values import fold

LEARNT = 1024
LONGEST_NAME = 100


def durable(read: Reader, *, about_call: bool = True, adapt: Callable[[Body], Body] | None = None) -> Row:
    return Row(durable=True, read=read, about_call=about_call, adapt=adapt)


def ephemeral(read: Reader, *, about_call: bool = True, adapt: Callable[[Body], Body] | None = None) -> Row:
    return Row(durable=False, read=read, about_call=about_call, adapt=adapt)


def hot(read: Reader) -> Row:
    return Row(durable=False, read=read, hot=True)


def ignored(reason: str) -> Row:
    return Row(durable=False, reason=reason, about_call=False)


ACKNOWLEDGED = "answers a command of whoever owns the socket; nothing changes for a call"
KEEPALIVE = "keeps the line open, tells nothing"
GUESS = "a guess of the turn detector: turn.end and turn.continued tell what became of it"

CATALOGUE: dict[str, Row] = {
    "call.started": durable(lifecycle.started),
    "call.preparing": ephemeral(speech.thinking),
    "call.ended": durable(lifecycle.ended, about_call=False),
    "call.ringing": durable(lifecycle.ringing),
    "call.forwarded": durable(lifecycle.forwarded, adapt=adapt.forwarded),
    "call.recording": durable(lifecycle.recording),
    "chat.started": durable(lifecycle.started, adapt=adapt.chat),
    "whatsapp.started": durable(lifecycle.started, adapt=adapt.whatsapp_session),
    "speech.started": ephemeral(speech.speech_started),
    "speech.ended": ephemeral(speech.speech_ended),
    "user.speaking": hot(speech.interim),
    "user.message": durable(speech.message),
    "chat.message": durable(speech.message, adapt=adapt.chat),
    "eager.turn": ignored(GUESS),
    "turn.start": ignored("speech.started and user.speaking already show that the contact speaks"),
    "turn.end": ephemeral(speech.turn_ended),
    "turn.continued": ephemeral(speech.turn_continued),
    "turn.pause": ignored(GUESS),
    "turn.resumed": ignored(GUESS),
    "bot.speaking": durable(speech.speaking),
    "chat.response": durable(speech.replied, adapt=adapt.chat),
    "llm.chat.chunk": ephemeral(speech.chunk, adapt=adapt.chat),
    "bot.word": hot(speech.word),
    "bot.finished": durable(speech.finished),
    "bot.interrupted": durable(speech.interrupted),
    "barge_in": durable(speech.barge_in),
    "message.confirmed": durable(speech.confirmed),
    "message.aborted": durable(speech.aborted),
    "reply.rejected": durable(speech.reply_rejected),
    "llm.toolCall": durable(tools.called),
    "llm.toolResult": durable(tools.returned),
    "tool.call": durable(tools.called_once),
    "tool.result": durable(tools.returned_once),
    "session.idleWarning": ephemeral(lifecycle.idle),
    "session.timeout": durable(lifecycle.limit),
    "session.paused": durable(control.paused, about_call=False),
    "session.resumed": durable(control.resumed, about_call=False),
    "session.sent": ignored("a weak confirmation: whatsapp.response with source human is the real one"),
    "session.configured": ephemeral(control.session_configured, about_call=False),
    "call.held": durable(telephony.held),
    "call.unheld": durable(telephony.unheld),
    "call.muted": durable(telephony.muted),
    "call.unmuted": durable(telephony.unmuted),
    "call.dtmf_sent": durable(telephony.dtmf_sent),
    "call.dtmf_received": durable(telephony.dtmf_received),
    "whatsapp.message": durable(whatsapp.received, adapt=adapt.whatsapp_from_contact),
    "whatsapp.response": durable(whatsapp.answered, adapt=adapt.whatsapp_to_contact),
    "whatsapp.status": durable(whatsapp.delivered, about_call=False, adapt=adapt.whatsapp_delivery),
    "whatsapp.sessionEnded": durable(lifecycle.ended, adapt=adapt.whatsapp_session),
    "credits.rejected": durable(lifecycle.credits_rejected, about_call=False),
    "credits.exhausted": durable(lifecycle.credits_exhausted),
    "audio.metrics": hot(speech.level),
    "call.dialing": durable(lifecycle.dialing, adapt=adapt.outbound),
    "call.rejected": durable(lifecycle.rejected),
    "call.error": durable(lifecycle.dial_failed, about_call=False, adapt=adapt.outbound),
    "call.updated": durable(lifecycle.language),
    "call.routed": durable(lifecycle.routed, adapt=adapt.routed),
    "call.route_failed": durable(lifecycle.route_failed, adapt=adapt.routed),
    "llm.chat.ended": durable(lifecycle.chat_ended, adapt=adapt.chat),
    "llm.chat.error": durable(lifecycle.chat_failed, adapt=adapt.chat),
    "call.preparingTimeout": durable(notes.preparing_timeout),
    "call.summary": durable(notes.summary),
    "skill.loaded": durable(notes.skill_loaded),
    "skill.unloaded": durable(notes.skill_unloaded),
    "memory.ops": durable(notes.memory),
    "llm.thinking": ephemeral(speech.thinking),
    "llm.response": ignored("a browser's copy of what bot.speaking and message.confirmed tell"),
    "llm.error": ignored("a browser's copy: an end of the call or an error frame follows if it matters"),
    "error": durable(control.failed, about_call=False),
    "line.error": durable(control.failed, about_call=False),
    "agent.displaced": durable(control.displaced, about_call=False),
    "connected": ephemeral(control.connected, about_call=False),
    "history.updated": ephemeral(control.history_updated, about_call=False),
    "bridge.snapshot": durable(control.calls_listed, about_call=False),
    "bridge.transcript": durable(lifecycle.ended),
    "bridge.history": durable(lifecycle.recorded, adapt=adapt.history),
    "bridge.error": durable(control.failed, about_call=False),
    "bridge.voice": durable(control.voice_link, about_call=False),
    "log.gap": ignored("the log lost entries; what came before and after stands by itself"),
    "log.caught_up": ignored("the log has no more old entries"),
    "ping": ignored(KEEPALIVE),
    "pong": ignored(KEEPALIVE),
} | {
    name: ignored(ACKNOWLEDGED)
    for name in (
        "authenticated", "registered", "agent.created", "agent.resumed", "agent.configured", "channel.added", "channel.configured",
        "channel.removed", "history.data", "config_updated", "session_config_updated", "phone_added", "phone_removed",
    )
}  # fmt: skip

_ROWS = {key: replace(row, name=CANONICAL.get(key, key)) for key, row in CATALOGUE.items()}
_FOLDED = {fold(key): row for key, row in _ROWS.items()} | {fold(alias): _ROWS[key] for alias, key in ALIASES.items()}
_known = _ROWS | {alias: _ROWS[key] for alias, key in ALIASES.items()}


def find(name: str) -> Row | None:
    """The row of a name in any spelling, None = unknown. What only folding finds is learnt, up to a limit."""
    row = _known.get(name)
    if row is None and len(name) <= LONGEST_NAME:
        row = _FOLDED.get(fold(name))
        if row is not None and len(_known) < LEARNT:
            _known[name] = row
    return row
