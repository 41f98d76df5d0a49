"""What every event tells about its call, and small helpers of the reducers."""

from callcenter.domain.events.base import CallEvent, Stamp
from callcenter.domain.events.console import CallLost, LineSettled
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
from callcenter.domain.state import CallState, Line

# Late confirmations, recordings and facts of the console prove nothing about the line being open.
NO_SIGN_OF_LIFE = frozenset(
    {CallEnded, RecordingReceived, AgentConfirmed, AgentFinished, AgentAborted, Noted, ToolsReturned, LineSettled, CallLost}
)
# Any other frame of a call proves that its conversation runs: calls first seen in the middle are answered.
BEFORE_THE_ANSWER = frozenset(
    {CallRinging, CallDialing, CallEnded, DialFailed, CreditsRejected, ParticipantJoined, ParticipantLeft, CallLost}
)
SAME_TEXT_S = 2.0


def see(state: CallState, event: CallEvent, stamp: Stamp, durable: bool) -> None:
    """Take identity, times and signs of life from any event of the call."""
    if not durable:
        state.heard_live = stamp.received
        return
    state.n = max(state.n, stamp.n)
    kind = type(event)
    if kind not in NO_SIGN_OF_LIFE:
        state.alive = max(state.alive, stamp.n)
    if kind not in BEFORE_THE_ANSWER:
        state.answered = True
    if kind in (LineSettled, CallLost):
        return
    state.heard = max(state.heard, stamp.received)
    state.heard_live = max(state.heard_live, stamp.received)
    if stamp.marked and (state.began is None or stamp.time < state.began):
        state.began = stamp.time
    if state.arrived is None or stamp.received < state.arrived:
        state.arrived = stamp.received
    if event.agent and kind is not CallRouted:
        claim_agent(state, event.agent, stamp)
    for name in ("from_number", "to_number", "direction", "channel"):
        value: str = getattr(event, name)
        if value:
            held = state.identity.get(name)
            if held is None or (stamp, value) < held:
                state.identity[name] = (stamp, value)


def claim_agent(state: CallState, agent: str, stamp: Stamp) -> None:
    """The newest claim wins, but a phone line never takes a call back from an agent."""
    claim = (not agent.startswith("line:"), stamp)
    if state.agent_stamp is None or claim > state.agent_stamp:
        state.agent, state.agent_stamp = agent, claim


def newer(stamp: Stamp, than: Stamp | None) -> bool:
    return than is None or stamp >= than


def touch_line(state: CallState, line: Line, stamp: Stamp, durable: bool = True) -> None:
    """Note when the line was first heard of. A provider's time beats the arrival; what is journaled beats what is live."""
    if not durable:
        if line.first_heard is None:
            line.first_heard = stamp.time
        if not line.durable and not line.arrived:
            line.arrived, line.n = stamp.received, state.n
            line.at, line.seq = (stamp.time, stamp.seq) if stamp.marked else (None, 0)
        return
    if not line.durable:
        line.durable, line.at, line.seq, line.arrived, line.n = True, None, 0, 0.0, 0
    if stamp.marked:
        if line.at is None or (stamp.time, stamp.seq) < (line.at, line.seq):
            line.at, line.seq = stamp.time, stamp.seq
    if not line.arrived or stamp.received < line.arrived:
        line.arrived, line.n = stamp.received, stamp.n


def line_of(state: CallState, key: str, speaker: str, stamp: Stamp, durable: bool = True) -> Line:
    """The line with this key, made if it is new."""
    line = state.lines.get(key)
    if line is None:
        line = state.lines[key] = Line(key=key, speaker=speaker)
    touch_line(state, line, stamp, durable)
    return line


def time_of(line: Line) -> float:
    """Epoch seconds by which the line is sorted."""
    return line.at if line.at is not None else line.arrived


def repeated(state: CallState, speaker: str, text: str, stamp: Stamp, within: float) -> Line | None:
    """The line without an id that this text repeats: the same words at nearly the same time, or after the end."""
    for line in reversed(state.lines.values()):
        if line.speaker == speaker and not line.message_id and line.text == text and not line.muted:
            if state.completed or abs(time_of(line) - stamp.time) <= within or abs(line.arrived - stamp.received) <= within:
                return line
    return None


def say_text(line: Line, text: str, stamp: Stamp) -> None:
    """The last final text wins."""
    if newer(stamp, line.text_stamp):
        line.text, line.text_stamp = text, stamp
