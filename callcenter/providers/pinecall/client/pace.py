"""How long a client waits for what; the contract's figures, which tests make shorter. Contract B.1, B.5, B.6."""

from random import Random

from msgspec import Struct


class Pace(Struct, kw_only=True, frozen=True):
    """All in seconds. ``conflict_*``: for an agent that somebody else holds."""

    open_s: float = 10.0
    answer_s: float = 10.0
    ping_s: float = 30.0
    first_wait_s: float = 1.0
    longest_wait_s: float = 30.0
    conflict_first_s: float = 5.0
    conflict_longest_s: float = 60.0
    conflict_limit_s: float = 90.0
    unanswered_s: float = 30.0
    capacity_s: float = 60.0
    leave_s: float = 5.0
    silence_s: float | None = None  # of a stream; None = as its options say


class Backoff:
    """Growing waits: doubling from the first to the longest, each with some jitter on top."""

    def __init__(self, first_s: float, longest_s: float, rng: Random, *, below: float = 0.0, above: float = 0.25) -> None:
        self.first_s, self.longest_s = first_s, longest_s
        self.rng, self.below, self.above = rng, below, above
        self._base_s = first_s

    def next(self) -> float:
        """Seconds to wait now; the next answer is about twice as long."""
        base, self._base_s = self._base_s, min(self._base_s * 2, self.longest_s)
        return base * self.rng.uniform(1 - self.below, 1 + self.above)

    def reset(self) -> None:
        """Begin again with the first wait."""
        self._base_s = self.first_s
