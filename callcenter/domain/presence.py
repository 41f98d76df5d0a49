"""Who was on the line from when to when, derived from reports that may come in any order."""

from msgspec import Struct

from callcenter.domain.events.base import Stamp
from callcenter.domain.state import CallState, Member


class Stay(Struct):
    """One stay of a member. Times in epoch s, None = not known; ``number`` tells stays without a known begin apart."""

    member: str
    role: str
    stamp: Stamp
    joined_at: float | None = None
    left_at: float | None = None
    number: int = 0


def stays_of(state: CallState) -> list[Stay]:
    """Every stay of every member: first those whose begin is known."""
    return [stay for name in sorted(state.members) for stay in _stays(state.members[name])]


def _stays(member: Member) -> list[Stay]:
    """Leavings that name their stay close it; the others close the newest stay open at their time."""
    told: dict[float, list[Stamp]] = {}
    for (joined, _), stamps in member.leaves.items():
        if joined is not None and joined not in member.joins:
            told.setdefault(joined, []).extend(stamps)
    told |= {joined: stamps for joined, stamps in member.joins.items() if joined is not None}
    begun = {joined: min(stamps) for joined, stamps in told.items()}
    stays = [Stay(member.member, member.role, stamp, joined) for joined, stamp in sorted(begun.items())]
    for stay in stays:
        ends = [(left, stamps) for (joined, left), stamps in member.leaves.items() if joined == stay.joined_at]
        stay.left_at = min((left if left is not None else min(stamps).time for left, stamps in ends), default=None)
    if not stays:
        return _unknown_begins(member)
    for time in sorted({time for time, _ in _unnamed(member)}):
        _close(stays, time)
    return stays


def _unnamed(member: Member) -> list[tuple[float, Stamp]]:
    """Leavings that do not say which stay they end: (epoch s, stamp)."""
    found = []
    for (joined, left), stamps in member.leaves.items():
        if joined is None and left is not None:
            found.append((left, min(stamps)))
        elif joined is None:
            found += [(stamp.time, stamp) for stamp in stamps]
    return found


def _close(stays: list[Stay], time: float) -> None:
    """A leaving that was told already, or that no open stay explains, changes nothing."""
    if any(stay.left_at == time for stay in stays):
        return
    open_stays = [stay for stay in stays if stay.left_at is None]
    before = [stay for stay in open_stays if stay.joined_at is not None and stay.joined_at <= time]
    if before or open_stays:
        (before[-1] if before else open_stays[0]).left_at = time


def _unknown_begins(member: Member) -> list[Stay]:
    """Nobody says when it began: a joining opens a stay unless one is open, a leaving closes it."""
    told: list[tuple[float, Stamp, bool]] = [(stamp.time, stamp, True) for stamp in member.joins.get(None, [])]
    told += [(time, stamp, False) for time, stamp in _unnamed(member)]
    told.sort(key=lambda item: (item[0], item[1].n))
    stays: list[Stay] = []
    for time, stamp, here in told:
        is_open = bool(stays) and stays[-1].left_at is None
        if (here and not is_open) or not stays:
            stays.append(Stay(member.member, member.role, stamp, number=len(stays)))
        if not here and stays[-1].left_at is None:
            stays[-1].left_at = time
    return stays
