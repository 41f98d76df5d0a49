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
from callcenter.domain.reduce.common import SAME_TEXT_S, line_of, newer, repeated, say_text, touch_line
from callcenter.domain.reduce.notes import note
from callcenter.domain.state import CallState, Line


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
    """A complete line, with or without an id."""
    if message_id:
        line = line_of(state, message_id, speaker, stamp)
        line.message_id = message_id
    else:
        known = repeated(state, speaker, text, stamp, SAME_TEXT_S)
        if known is not None:
            touch_line(state, known, stamp)
            return
        line = line_of(state, f"{speaker}-{stamp.n}", speaker, stamp)
    say_text(line, text, stamp)


def _agent_speaking(state: CallState, event: AgentSpeaking, stamp: Stamp) -> None:
    if not event.message_id:
        _final(state, "agent", "", event.text, stamp)
        return
    line = _agent_line(state, event.message_id, stamp)
    line.announced = line.announced or event.text
    if not (line.confirmed is not None or line.interrupted or line.aborted or line.finished):
        line.open = True
    state.activity = "agent_speaking"
    if state.turn_ended is not None:
        line.pending_latency = max(0, round((stamp.received - state.turn_ended) * 1000))
        state.unsettled.add(line.key)
        state.turn_ended = None


def _agent_replied(state: CallState, event: AgentReplied, stamp: Stamp) -> None:
    _final(state, "agent", event.message_id, event.text, stamp)
    state.activity = "listening"


def _close(line: Line) -> None:
    line.open = False


def _agent_finished(state: CallState, event: AgentFinished, stamp: Stamp) -> None:
    line = _agent_line(state, event.message_id, stamp)
    line.finished = True
    if event.text:
        line.announced = line.announced or event.text
    _close(line)
    state.activity = "listening"


def _agent_interrupted(state: CallState, event: AgentInterrupted, stamp: Stamp) -> None:
    line = _agent_line(state, event.message_id, stamp)
    line.interrupted = True
    if event.words is not None and (line.heard is None or event.words > line.heard):
        line.heard = event.words
    _close(line)
    state.activity = "listening"


def _agent_confirmed(state: CallState, event: AgentConfirmed, stamp: Stamp) -> None:
    line = _agent_line(state, event.message_id, stamp)
    if newer(stamp, line.text_stamp):
        line.confirmed, line.text_stamp = event.text, stamp
    _close(line)


def _agent_aborted(state: CallState, event: AgentAborted, stamp: Stamp) -> None:
    line = _agent_line(state, event.message_id, stamp)
    line.aborted = True
    _close(line)


def _reply_rejected(state: CallState, event: ReplyRejected, stamp: Stamp) -> None:
    """Nothing was spoken: a note, which also marks the line if there is one."""
    note(state, "reply_rejected", event.message_id, {"message_id": event.message_id, "reason": event.reason}, stamp)


def _transcript_completed(state: CallState, event: TranscriptCompleted, stamp: Stamp) -> None:
    """Replaces the draft of the same item; without an item, the speaker's open draft."""
    if not event.item:
        draft = state.drafts.pop(event.speaker, None)
        if draft is not None:
            state.lines.pop(draft, None)
            state.unsettled.discard(draft)
    if not event.text:
        return
    _final(state, event.speaker, event.item, event.text, stamp)
    if event.item:
        line = state.lines[event.item]
        line.speaker = event.speaker
        _close(line)
        state.unsettled.discard(event.item)


HANDLERS = {
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
