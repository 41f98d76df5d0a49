"""What every event tells about its call, and small helpers of the reducers."""

from collections.abc import Callable
from typing import Any
from zlib import crc32

from callcenter.domain.events.base import LINE, CallEvent, Stamp
from callcenter.domain.events.console import CallLost, HolderChanged, LineSettled
from callcenter.domain.events.lifecycle import (
    CallDialing,
    CallEnded,
    CallRinging,
    CallRouted,
    CreditsRejected,
    DialFailed,
    RecordingReceived,
)
from callcenter.domain.events.speech import AgentAborted, AgentConfirmed, AgentFinished
from callcenter.domain.events.telephony import ParticipantJoined, ParticipantLeft
from callcenter.domain.events.work import Noted, ToolsReturned
from callcenter.domain.lines import SAME_TEXT_S
from callcenter.domain.sequence import note_arrival
from callcenter.domain.state import CallState, Line

Handlers = dict[type[CallEvent], Callable[[CallState, Any, Stamp], None]]

# Late confirmations, recordings and facts of the console prove nothing about the line being open.
NO_SIGN_OF_LIFE = frozenset(
    {CallEnded, RecordingReceived, AgentConfirmed, AgentFinished, AgentAborted, Noted, ToolsReturned, LineSettled, CallLost, HolderChanged}
)
# Any other frame of a call proves that its conversation runs: calls first seen in the middle are answered.
BEFORE_THE_ANSWER = frozenset(
    {CallRinging, CallDialing, CallEnded, DialFailed, CreditsRejected, ParticipantJoined, ParticipantLeft, CallLost, HolderChanged}
)


def see(state: CallState, event: CallEvent, stamp: Stamp, durable: bool) -> None:
    """Take identity, times and signs of life from any event of the call."""
    state.heard_live = max(state.heard_live, stamp.received)
    if not durable:
        return
    state.n = max(state.n, stamp.n)
    kind = type(event)
    if kind not in NO_SIGN_OF_LIFE:
        state.alive = max(state.alive, stamp.n)
    if kind not in BEFORE_THE_ANSWER:
        state.answered = True
    if kind in (LineSettled, CallLost, HolderChanged):
        return
    if kind is not RecordingReceived or not state.heard:
        state.heard = max(state.heard, stamp.received)
    _note_time(state, stamp)
    if event.agent and kind is not CallRouted:
        claim_agent(state, event.agent, stamp)
    for name in ("from_number", "to_number", "direction", "channel"):
        value: str = getattr(event, name)
        if value:
            held = state.identity.get(name)
            if held is None or (stamp, value) < held:
                state.identity[name] = (stamp, value)


def _note_time(state: CallState, stamp: Stamp) -> None:
    if stamp.marked and (state.began is None or stamp.time < state.began):
        state.began = stamp.time
    if state.arrived is None or stamp.received < state.arrived:
        state.arrived = stamp.received
    if stamp.seq and not stamp.marked:
        note_arrival(state.arrivals, stamp.seq, stamp.received)


def claim_agent(state: CallState, agent: str, stamp: Stamp) -> None:
    """The newest claim wins, but a phone line never takes a call back from an agent."""
    claim = (not agent.startswith(LINE), stamp)
    if state.agent_stamp is None or claim > state.agent_stamp:
        state.agent, state.agent_stamp = agent, claim


def newer(stamp: Stamp, than: Stamp | None) -> bool:
    return than is None or stamp >= than


def place_line(line: Line, at: float | None, seq: int, arrived: float, n: int) -> None:
    """Note when the line was first heard of: by the provider's time, if there is one, and by arrival. Epoch s."""
    if at is not None and (line.at is None or (at, seq) < (line.at, line.seq)):
        line.at, line.seq = at, seq
    elif seq and line.at is None:
        line.seq = min(seq, line.seq or seq)
    if not line.arrived or arrived < line.arrived:
        line.arrived, line.n = arrived, n


def touch_line(line: Line, stamp: Stamp) -> None:
    """Note one more report about the line."""
    place_line(line, stamp.time if stamp.marked else None, stamp.seq, stamp.received, stamp.n)


def end_line(line: Line, stamp: Stamp) -> None:
    """Note a report that the line was said to the end: the earliest stands, one with the provider's time before any without."""
    if line.ended is None or _earliness(stamp) < _earliness(line.ended):
        line.ended = stamp


def _earliness(stamp: Stamp) -> tuple[int, float, int, int]:
    """A total order, unlike that of stamps: those with a time, then those with a sequence, then the others by arrival."""
    if stamp.seq and not stamp.marked:
        return (1, stamp.seq, 0, stamp.n)
    return (0 if stamp.marked else 2, stamp.time, stamp.seq, stamp.n)


def line_of(state: CallState, key: str, speaker: str, stamp: Stamp) -> Line:
    """The line with this key, made if it is new."""
    line = state.lines.get(key)
    if line is None:
        line = state.lines[key] = Line(key=key, speaker=speaker)
    touch_line(line, stamp)
    state.touched.add(key)
    return line


def loose_line(state: CallState, speaker: str, text: str, stamp: Stamp, within: float = SAME_TEXT_S) -> Line:
    """The line of a text without an id: keyed by its marks; without any, an equal text that came just before, or before the end."""
    if stamp.marked or stamp.seq:
        line = line_of(state, _loose_key(speaker, text, stamp), speaker, stamp)
    else:
        line = _repeated(state, speaker, text, stamp, within) or line_of(state, f"{speaker}-{stamp.n}", speaker, stamp)
        touch_line(line, stamp)
        state.touched.add(line.key)
    return line


def _loose_key(speaker: str, text: str, stamp: Stamp) -> str:
    """A sequence is enough; times may be whole seconds, so two lines of one second are told apart by their words."""
    return f"{speaker}-seq-{stamp.seq}" if stamp.seq else f"{speaker}-at-{stamp.time}-{crc32(text.encode()):08x}"


def _repeated(state: CallState, speaker: str, text: str, stamp: Stamp, within: float) -> Line | None:
    """The unmarked line whose words these are again."""
    for line in reversed(state.lines.values()):
        loose = line.speaker == speaker and not line.message_id and line.at is None and not line.muted
        same = line.text == text or (bool(text) and line.pieces == text)
        if loose and same and (state.completed or abs(line.arrived - stamp.received) <= within):
            return line
    return None


def tell_line(line: Line, stamp: Stamp, **said: object) -> None:
    """Set fields of a line; of each, the newest report wins."""
    for name, value in said.items():
        if newer(stamp, line.told.get(name)):
            setattr(line, name, value)
            line.told[name] = stamp
