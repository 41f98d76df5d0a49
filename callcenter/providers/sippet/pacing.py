"""How long to wait before the next try."""

from random import Random


class Backoff:
    """Doubling from ``least`` to ``most`` seconds; each wait is somewhere between half of that and all of it."""

    def __init__(self, least: float, most: float, rng: Random | None = None) -> None:
        self.least, self.most = least, most
        self.rng = rng or Random()  # noqa: S311  (spreads tries, guards nothing)
        self.tries = 0

    def next(self) -> float:
        reach = min(self.most, self.least * 2.0 ** min(self.tries, 30))
        self.tries += 1
        return reach * self.rng.uniform(0.5, 1.0)

    def reset(self) -> None:
        self.tries = 0
