"""Hold, mute, tones, participants."""

from callcenter.domain.events.base import Stamp
from callcenter.domain.events.telephony import DtmfReceived, DtmfSent, HoldChanged, MuteChanged, ParticipantJoined, ParticipantLeft
from callcenter.domain.reduce.common import SAME_TEXT_S, line_of, say_text
from callcenter.domain.reduce.notes import note
from callcenter.domain.state import CallState, Stay, Toggle

LATE_COPY_S = 0.3


def _hold(state: CallState, event: HoldChanged, stamp: Stamp) -> None:
    _toggle(state.hold, event.on, stamp)


def _mute(state: CallState, event: MuteChanged, stamp: Stamp) -> None:
    _toggle(state.mute, event.on, stamp)
    if event.transcript:
        _muted_line(state, event.transcript, stamp)


def _toggle(toggle: Toggle, on: bool, stamp: Stamp) -> None:
    """Newest stamp wins. Without marks, what merely repeats the state before the last within 300 ms is a late copy."""
    if not stamp.marked and toggle.before is not None and on != toggle.on and stamp.received - toggle.before.received <= LATE_COPY_S:
        return
    history = [*toggle.history, (stamp, on)]
    history.sort(key=lambda item: item[0])
    toggle.history = [item for i, item in enumerate(history) if item[1] != (history[i - 1][1] if i else False)]
    if toggle.stamp is None or stamp >= toggle.stamp:
        if on != toggle.on:
            toggle.before = toggle.stamp
        toggle.on, toggle.stamp = on, stamp


def _muted_line(state: CallState, text: str, stamp: Stamp) -> None:
    """Keyed by its sequence, else by its text: it is repeated to the letter."""
    for line in state.lines.values():
        if line.muted and line.text == text:
            line_of(state, line.key, "contact", stamp)
            return
    line = line_of(state, f"muted-{stamp.seq or stamp.n}", "contact", stamp)
    line.muted = True
    say_text(line, text, stamp)


def _dtmf_sent(state: CallState, event: DtmfSent, stamp: Stamp) -> None:
    if not stamp.seq:
        for held in state.notes.values():
            if held.kind == "dtmf_sent" and held.data["digits"] == event.digits:
                if state.completed or abs(held.stamp.received - stamp.received) <= SAME_TEXT_S:
                    return
    note(state, "dtmf_sent", str(stamp.seq or f"n{stamp.n}"), {"digits": event.digits}, stamp)


def _dtmf_received(state: CallState, event: DtmfReceived, stamp: Stamp) -> None:
    key = str(len(event.digits)) if event.digits else f"n{stamp.seq or stamp.n}"
    note(state, "dtmf_received", key, {"digits": event.digit or event.digits[-1:]}, stamp)


def _joined(state: CallState, event: ParticipantJoined, stamp: Stamp) -> None:
    if event.role in ("caller", ""):
        state.ringing = True
    else:
        state.answered = True
    stay = _stay(state, event.member, event.joined_at)
    if stay is None:
        stay = next((s for s in state.stays if s.member == event.member and s.joined_at is None), None)
    if stay is None:
        stay = Stay(event.member, joined_at=event.joined_at)
        state.stays.append(stay)
    stay.joined_at = event.joined_at if stay.joined_at is None else stay.joined_at
    _seen(stay, event.role, stamp)


def _left(state: CallState, event: ParticipantLeft, stamp: Stamp) -> None:
    stay = _stay(state, event.member, event.joined_at)
    if stay is None:
        mine = [s for s in state.stays if s.member == event.member]
        stay = next((s for s in mine if event.left_at is not None and s.left_at == event.left_at), None)
        if stay is None and event.joined_at is None:
            stay = next((s for s in reversed(mine) if s.left_at is None), None)
    if stay is None:
        stay = Stay(event.member, joined_at=event.joined_at)
        state.stays.append(stay)
    if stay.left_at is None:
        stay.left_at = event.left_at if event.left_at is not None else stamp.time
    _seen(stay, event.role, stamp)


def _stay(state: CallState, member: str, joined_at: float | None) -> Stay | None:
    if joined_at is None:
        return None
    return next((s for s in state.stays if s.member == member and s.joined_at == joined_at), None)


def _seen(stay: Stay, role: str, stamp: Stamp) -> None:
    stay.role = role or stay.role
    if stay.stamp is None or stamp < stay.stamp:
        stay.stamp = stamp


HANDLERS = {
    HoldChanged: _hold,
    MuteChanged: _mute,
    DtmfSent: _dtmf_sent,
    DtmfReceived: _dtmf_received,
    ParticipantJoined: _joined,
    ParticipantLeft: _left,
}
