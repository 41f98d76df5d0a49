"""Ephemeral events: what is being said and how loud. Shown, settled later, never written one by one."""

from callcenter.domain.events.base import Stamp
from callcenter.domain.events.speech import (
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
from callcenter.domain.reduce.common import line_of
from callcenter.domain.state import CallState, Interim, Line

LONG_PIECE = 4  # characters: an equal neighbour this long is a copy, a shorter one may be "0" after "0"


def _speech_started(state: CallState, event: SpeechStarted, stamp: Stamp) -> None:
    state.activity, state.idle_s = "contact_speaking", None


def _speech_ended(state: CallState, event: SpeechEnded, stamp: Stamp) -> None:
    if state.activity == "contact_speaking":
        state.activity = "listening"


def _turn_ended(state: CallState, event: TurnEnded, stamp: Stamp) -> None:
    state.activity, state.turn_ended = "thinking", stamp.received


def _turn_continued(state: CallState, event: TurnContinued, stamp: Stamp) -> None:
    state.activity, state.turn_ended = "contact_speaking", None


def _thinking(state: CallState, event: Thinking, stamp: Stamp) -> None:
    state.activity = "thinking"


def _idle_warned(state: CallState, event: IdleWarned, stamp: Stamp) -> None:
    state.idle_s = event.remaining_s


def _level(state: CallState, event: LevelMeasured, stamp: Stamp) -> None:
    state.levels[0 if event.side == "contact" else 1] = event.level


def _interim(state: CallState, event: ContactInterim, stamp: Stamp) -> None:
    if state.interim is None or stamp >= state.interim.stamp:
        state.interim, state.idle_s = Interim(event.message_id, event.text, stamp), None
        state.activity = "contact_speaking"


def _word(state: CallState, event: AgentWord, stamp: Stamp) -> None:
    line = state.lines.get(event.message_id)
    if line is None:
        line = line_of(state, event.message_id, "agent", stamp, durable=False)
        line.message_id, line.open = event.message_id, True
    else:
        line_of(state, event.message_id, "agent", stamp, durable=False)
    index = len(line.words) if event.index is None else event.index
    if index in line.words:
        return
    line.words[index] = event.word
    line.touched = stamp.received
    state.unsettled.add(line.key)
    if line.open:
        state.activity = "agent_speaking"


def _piece(state: CallState, event: AgentPiece, stamp: Stamp) -> None:
    line = _open(state, event.message_id, "agent", stamp)
    line.message_id = event.message_id
    grow(line, event.text)
    state.activity = "agent_speaking"


def _delta(state: CallState, event: TranscriptDelta, stamp: Stamp) -> None:
    if event.item:
        line = state.lines.get(event.item)
        if line is not None and line.text is not None:
            return
        line = _open(state, event.item, event.speaker, stamp)
        line.message_id = event.item
    else:
        if state.completed:
            return
        key = state.drafts.setdefault(event.speaker, f"draft-{event.speaker}-{state.n}")
        line = _open(state, key, event.speaker, stamp)
    grow(line, event.text)
    state.activity = "contact_speaking" if event.speaker == "contact" else "agent_speaking"


def _open(state: CallState, key: str, speaker: str, stamp: Stamp) -> Line:
    line = line_of(state, key, speaker, stamp, durable=False)
    line.open, line.touched = True, stamp.received
    state.unsettled.add(key)
    return line


def grow(line: Line, piece: str) -> None:
    """Add a piece that carries no number: a delta, the cumulative text, or a repetition of either.

    A repetition from the start is followed until it has caught up; a capitalised piece goes before text that begins with a space.
    """
    text = line.pieces
    if piece.startswith(text):
        line.pieces, line.replayed = piece, None
    elif len(piece) > 1 and text.startswith(piece):
        line.replayed = len(piece)
    elif line.replayed is not None and line.replayed < len(text) and text.startswith(piece, line.replayed):
        line.replayed += len(piece)
    elif text[:1].isspace() and piece[:1].isupper():
        line.pieces, line.replayed = piece + text, None
    elif not (piece == line.last_piece and len(piece) >= LONG_PIECE):
        line.pieces, line.replayed = text + piece, None
    line.last_piece = piece


HANDLERS = {
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
