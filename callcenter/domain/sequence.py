"""The places of frames that carry a sequence and no time: by arrival among all others, by their sequence among themselves.

A frame that comes late stands where the first frame behind it came.
"""

from bisect import bisect_left

from callcenter.domain.events.base import Stamp

Arrivals = list[tuple[int, float]]  # (sequence, arrival in epoch s); both rise: what a later one overtook is left out


def note_arrival(arrivals: Arrivals, seq: int, arrived: float) -> None:
    """Remember when this sequence came, if that places anything."""
    at = bisect_left(arrivals, (seq,))
    if at < len(arrivals) and arrivals[at][1] <= arrived:
        return
    first = at
    while first and arrivals[first - 1][1] >= arrived:
        first -= 1
    last = at + 1 if at < len(arrivals) and arrivals[at][0] == seq else at
    arrivals[first:last] = [(seq, arrived)]


def time_in(arrivals: Arrivals, seq: int, arrived: float) -> float:
    """Epoch s at which a frame of this sequence and arrival stands: never after one with a higher sequence."""
    at = bisect_left(arrivals, (seq,))
    return min(arrived, arrivals[at][1]) if at < len(arrivals) else arrived


def stamp_in(arrivals: Arrivals, stamp: Stamp) -> float:
    """Epoch s at which this stamp stands: a sequence without the provider's time among its like."""
    return time_in(arrivals, stamp.seq, stamp.time) if stamp.seq and not stamp.marked else stamp.time
