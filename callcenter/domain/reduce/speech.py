"""Lines of the transcript. The agent's line is what was heard: announced, grown word by word, settled or cut."""

from callcenter.domain.events.base import Stamp
from callcenter.domain.events.speech import (
    AgentAborted,
    AgentConfirmed,
    AgentFinished,
    AgentInterrupted,
    AgentReplied,
    AgentSpeaking,
    ContactMessage,
    ReplyRejected,
    TranscriptCompleted,
)
from callcenter.domain.lines import live_text
from callcenter.domain.reduce.common import Handlers, end_line, line_of, loose_line, newer, tell_line
from callcenter.domain.reduce.live import say
from callcenter.domain.reduce.notes import note
from callcenter.domain.state import CallState, Line

LONGEST_REPLY_S = 3600.0


def _agent_line(state: CallState, message_id: str, stamp: Stamp) -> Line:
    line = line_of(state, message_id, "agent", stamp)
    line.message_id = message_id
    return line


def _contact_message(state: CallState, event: ContactMessage, stamp: Stamp) -> None:
    state.idle_s = None
    if event.language and newer(stamp, state.language_stamp):
        state.language, state.language_stamp = event.language, stamp
    _final(state, "contact", event.message_id, event.text, stamp)


def _final(state: CallState, speaker: str, message_id: str, text: str, stamp: Stamp) -> None:
    """A complete line, with or without an id. It replaces what was being said."""
    if message_id:
        line = line_of(state, message_id, speaker, stamp)
        line.message_id = message_id
        state.saying.pop(message_id, None)
    else:
        line = loose_line(state, speaker, text, stamp)
        line.loose = True
        state.saying.pop(state.drafts.pop(speaker, ""), None)
    if speaker != "contact":
        end_line(line, stamp)
    tell_line(line, stamp, text=text, speaker=speaker)


def _agent_speaking(state: CallState, event: AgentSpeaking, stamp: Stamp) -> None:
    if not event.message_id:
        _final(state, "agent", "", event.text, stamp)
        return
    line = _agent_line(state, event.message_id, stamp)
    line.begun = True
    _announce(line, event.text, stamp)
    state.activity = "agent_speaking"
    ended, state.turn_ended = state.turn_ended, None
    if ended is not None:
        # Only one clock at a time: the provider's if it dated both ends.
        took = stamp.time - ended.time if stamp.marked and ended.marked else stamp.received - ended.received
        if 0 <= took < LONGEST_REPLY_S:
            say(state, line.key, "agent", line.message_id, stamp).latency_ms = round(took * 1000)


def _announce(line: Line, text: str, stamp: Stamp) -> None:
    """The newest text stands; a report without one (a streamed reply) takes nothing back."""
    if text:
        tell_line(line, stamp, announced=text)


def _agent_replied(state: CallState, event: AgentReplied, stamp: Stamp) -> None:
    _final(state, "agent", event.message_id, event.text, stamp)
    state.activity = "listening"


def _agent_finished(state: CallState, event: AgentFinished, stamp: Stamp) -> None:
    line = _agent_line(state, event.message_id, stamp)
    line.finished = True
    end_line(line, stamp)
    _announce(line, event.text, stamp)
    state.activity = "listening"


def _agent_interrupted(state: CallState, event: AgentInterrupted, stamp: Stamp) -> None:
    line = _agent_line(state, event.message_id, stamp)
    line.interrupted = True
    if event.words is not None and (line.heard is None or event.words > line.heard):
        line.heard = event.words
    state.activity = "listening"


def _agent_confirmed(state: CallState, event: AgentConfirmed, stamp: Stamp) -> None:
    line = _agent_line(state, event.message_id, stamp)
    end_line(line, stamp)
    tell_line(line, stamp, confirmed=event.text)


def _agent_aborted(state: CallState, event: AgentAborted, stamp: Stamp) -> None:
    _agent_line(state, event.message_id, stamp).aborted = True


def _reply_rejected(state: CallState, event: ReplyRejected, stamp: Stamp) -> None:
    """Nothing was spoken: a note, which also marks the line if there is one."""
    state.touched.add(event.message_id)
    note(state, "reply_rejected", event.message_id, {"message_id": event.message_id, "reason": event.reason}, stamp)


def _transcript_completed(state: CallState, event: TranscriptCompleted, stamp: Stamp) -> None:
    """Replaces the draft of the same item; without an item, the speaker's open draft. Without text only a mark."""
    if not event.item:
        state.saying.pop(state.drafts.pop(event.speaker, ""), None)
    if state.activity == ("contact_speaking" if event.speaker == "contact" else "agent_speaking") and not _says_more(state, event):
        state.activity = "listening"
    if event.text:
        _final(state, event.speaker, event.item, event.text, stamp)


def _says_more(state: CallState, event: TranscriptCompleted) -> bool:
    """Is another item of this speaker being said? What is settled stays there, to know a repetition."""
    others = (saying for key, saying in state.saying.items() if key != event.item and saying.speaker == event.speaker)
    return any(live_text(state, saying) is not None for saying in others)


HANDLERS: Handlers = {
    ContactMessage: _contact_message,
    AgentSpeaking: _agent_speaking,
    AgentReplied: _agent_replied,
    AgentFinished: _agent_finished,
    AgentInterrupted: _agent_interrupted,
    AgentConfirmed: _agent_confirmed,
    AgentAborted: _agent_aborted,
    ReplyRejected: _reply_rejected,
    TranscriptCompleted: _transcript_completed,
}
