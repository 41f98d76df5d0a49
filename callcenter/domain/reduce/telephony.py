"""Hold, mute, tones, participants."""

from callcenter.domain.events.base import Stamp
from callcenter.domain.events.telephony import DtmfReceived, DtmfSent, HoldChanged, MuteChanged, ParticipantJoined, ParticipantLeft
from callcenter.domain.lines import SAME_TEXT_S
from callcenter.domain.reduce.common import Handlers, line_of, newer, tell_line
from callcenter.domain.reduce.notes import note
from callcenter.domain.state import CallState, Member, Toggle

LATE_COPY_S = 0.3


def _hold(state: CallState, event: HoldChanged, stamp: Stamp) -> None:
    _toggle(state, state.hold, event.on, stamp)


def _mute(state: CallState, event: MuteChanged, stamp: Stamp) -> None:
    _toggle(state, state.mute, event.on, stamp)
    if event.transcript:
        _muted_line(state, event.transcript, stamp)


def _toggle(state: CallState, toggle: Toggle, on: bool, stamp: Stamp) -> None:
    """The newest stamp wins. Without marks some reports are late copies, which change nothing."""
    if not stamp.marked and not stamp.seq and _is_late_copy(state, toggle, on, stamp):
        return
    if (stamp, on) not in toggle.told:
        toggle.told = sorted([*toggle.told, (stamp, on)])


def _is_late_copy(state: CallState, toggle: Toggle, on: bool, stamp: Stamp) -> bool:
    """It repeats the state before the last within 300 ms (contract G.3), or, after the end, anything that was told before."""
    if state.completed and any(told == on for _, told in toggle.told):
        return True
    history = toggle.history
    return on != toggle.on and len(history) > 1 and stamp.received - history[-2][0].received <= LATE_COPY_S


def _muted_line(state: CallState, text: str, stamp: Stamp) -> None:
    """Keyed by its sequence, else by its text: it is repeated to the letter."""
    for line in state.lines.values():
        if line.muted and line.text == text:
            line_of(state, line.key, "contact", stamp)
            return
    line = line_of(state, f"muted-{stamp.seq or stamp.n}", "contact", stamp)
    line.muted = True
    tell_line(line, stamp, text=text)


def _dtmf_sent(state: CallState, event: DtmfSent, stamp: Stamp) -> None:
    """Keyed by its marks; without any, the same digits within 2 s, or after the end, are the same tones."""
    if not stamp.seq and not stamp.marked and _were_sent(state, event.digits, stamp):
        return
    note(state, "dtmf_sent", _mark(stamp), {"digits": event.digits}, stamp)


def _were_sent(state: CallState, digits: str, stamp: Stamp) -> bool:
    sent = [note.stamp for note in state.notes.values() if note.kind == "dtmf_sent" and note.data["digits"] == digits]
    return any(state.completed or abs(before.received - stamp.received) <= SAME_TEXT_S for before in sent)


def _dtmf_received(state: CallState, event: DtmfReceived, stamp: Stamp) -> None:
    """Keyed by how many keys were pressed so far; older servers do not say."""
    key = str(len(event.digits)) if event.digits else _mark(stamp)
    note(state, "dtmf_received", key, {"digits": event.digit or event.digits[-1:]}, stamp)


def _mark(stamp: Stamp) -> str:
    if stamp.seq:
        return f"s{stamp.seq}"
    return f"t{stamp.time}" if stamp.marked else f"n{stamp.n}"


def _joined(state: CallState, event: ParticipantJoined, stamp: Stamp) -> None:
    if event.role not in ("caller", ""):
        state.answered = True
    known = event.member in state.members
    member = _member(state, event.member, event.role, stamp)
    joined = event.joined_at if event.joined_at is not None else (stamp.time if stamp.marked else None)
    if joined is not None:
        member.joins[joined] = [min([stamp, *member.joins.get(joined, [])])]
    elif not (known and state.completed):
        member.joins.setdefault(None, []).append(stamp)


def _left(state: CallState, event: ParticipantLeft, stamp: Stamp) -> None:
    known = event.member in state.members
    member = _member(state, event.member, event.role, stamp)
    left = event.left_at if event.left_at is not None else (stamp.time if stamp.marked else None)
    key = (event.joined_at, left)
    if left is not None:
        member.leaves[key] = [min([stamp, *member.leaves.get(key, [])])]
    elif not (known and state.completed):
        member.leaves.setdefault(key, []).append(stamp)


def _member(state: CallState, name: str, role: str, stamp: Stamp) -> Member:
    member = state.members.get(name)
    if member is None:
        member = state.members[name] = Member(name)
    if role and newer(stamp, member.role_stamp):
        member.role, member.role_stamp = role, stamp
    return member


HANDLERS: Handlers = {
    HoldChanged: _hold,
    MuteChanged: _mute,
    DtmfSent: _dtmf_sent,
    DtmfReceived: _dtmf_received,
    ParticipantJoined: _joined,
    ParticipantLeft: _left,
}
