"""Ephemeral events: what is being said and how loud. Shown, settled later, never written one by one."""

from callcenter.domain.events.base import Stamp
from callcenter.domain.events.lifecycle import CallSeen
from callcenter.domain.events.speech import (
    LEVEL_SIDES,
    AgentPiece,
    AgentWord,
    ContactInterim,
    IdleWarned,
    LevelMeasured,
    SpeechEnded,
    SpeechStarted,
    Thinking,
    TranscriptDelta,
    TurnContinued,
    TurnEnded,
)
from callcenter.domain.pieces import add_piece
from callcenter.domain.reduce.common import Handlers
from callcenter.domain.state import CallState, Interim, Saying


def _seen(state: CallState, event: CallSeen, stamp: Stamp) -> None:
    """Its sign of life is taken with every event."""


def _speech_started(state: CallState, event: SpeechStarted, stamp: Stamp) -> None:
    state.activity, state.idle_s = "contact_speaking", None


def _speech_ended(state: CallState, event: SpeechEnded, stamp: Stamp) -> None:
    if state.activity == "contact_speaking":
        state.activity = "listening"


def _turn_ended(state: CallState, event: TurnEnded, stamp: Stamp) -> None:
    state.activity, state.turn_ended = "thinking", stamp


def _turn_continued(state: CallState, event: TurnContinued, stamp: Stamp) -> None:
    state.activity, state.turn_ended = "contact_speaking", None


def _thinking(state: CallState, event: Thinking, stamp: Stamp) -> None:
    state.activity = "thinking"


def _idle_warned(state: CallState, event: IdleWarned, stamp: Stamp) -> None:
    state.idle_s = event.remaining_s


def _level(state: CallState, event: LevelMeasured, stamp: Stamp) -> None:
    hear_level(state, LEVEL_SIDES[event.side], event.level, stamp.received)


def hear_level(state: CallState, side: int, height: float, received: float) -> None:
    """All that a level does to its call; it has no order but that of arrival."""
    state.levels[side] = height
    if received > state.heard_live:  # noqa: PLR1730  (max() costs more than all else here)
        state.heard_live = received


def _interim(state: CallState, event: ContactInterim, stamp: Stamp) -> None:
    if state.interim is None or stamp >= state.interim.stamp:
        state.interim, state.idle_s = Interim(event.message_id, event.text, stamp), None
        state.activity = "contact_speaking"


def _word(state: CallState, event: AgentWord, stamp: Stamp) -> None:
    line = state.lines.get(event.message_id)
    said = line.words if line is not None else {}
    saying = state.saying.get(event.message_id)
    heard = saying.words if saying is not None else {}
    index = len(said.keys() | heard.keys()) if event.index is None else event.index
    if index in said or index in heard:
        return
    saying = say(state, event.message_id, "agent", event.message_id, stamp)
    saying.words[index] = event.word
    if line is None or line.open:
        state.activity = "agent_speaking"


def _piece(state: CallState, event: AgentPiece, stamp: Stamp) -> None:
    key = event.message_id or state.drafts.setdefault("agent", f"piece-{state.n}")
    add_piece(say(state, key, "agent", event.message_id, stamp), event.text, stamp.seq)
    state.activity = "agent_speaking"


def _delta(state: CallState, event: TranscriptDelta, stamp: Stamp) -> None:
    if event.item:
        line = state.lines.get(event.item)
        if line is not None and line.text is not None:
            return
        key = event.item
    else:
        if state.completed:
            return
        key = state.drafts.setdefault(event.speaker, f"draft-{event.speaker}-{state.n}")
    add_piece(say(state, key, event.speaker, event.item, stamp), event.text, stamp.seq)
    state.activity = "contact_speaking" if event.speaker == "contact" else "agent_speaking"


def say(state: CallState, key: str, speaker: str, message_id: str, stamp: Stamp) -> Saying:
    """What is being said under this key; it goes on from what is journaled."""
    saying = state.saying.get(key)
    if saying is None:
        line = state.lines.get(key)
        saying = state.saying[key] = Saying(key, speaker, message_id, arrived=stamp.received, n=state.n)
        if line is not None:
            saying.pieces, saying.parts = line.pieces, dict(line.parts)
    if stamp.marked and (saying.at is None or (stamp.time, stamp.seq) < (saying.at, saying.seq)):
        saying.at, saying.seq = stamp.time, stamp.seq
    elif stamp.seq and saying.at is None:
        saying.seq = min(stamp.seq, saying.seq or stamp.seq)
    saying.touched = stamp.received
    return saying


HANDLERS: Handlers = {
    CallSeen: _seen,
    SpeechStarted: _speech_started,
    SpeechEnded: _speech_ended,
    TurnEnded: _turn_ended,
    TurnContinued: _turn_continued,
    Thinking: _thinking,
    IdleWarned: _idle_warned,
    LevelMeasured: _level,
    ContactInterim: _interim,
    AgentWord: _word,
    AgentPiece: _piece,
    TranscriptDelta: _delta,
}
