"""One heap for everything that is going to happen; no task sleeps for a single call."""

from collections.abc import Callable
from heapq import heappop, heappush

Action = Callable[[], None]


class Scheduler:
    """Actions at times in seconds since the start; equal times keep their order of arrangement."""

    def __init__(self) -> None:
        self.now = 0.0
        self._heap: list[tuple[float, int, Action]] = []
        self._count = 0

    def at(self, when: float, action: Action) -> None:
        """Arrange an action; one in the past happens at the next advance."""
        self._count += 1
        heappush(self._heap, (max(when, self.now), self._count, action))

    def after(self, seconds: float, action: Action) -> None:
        """Arrange an action that many seconds from now."""
        self.at(self.now + seconds, action)

    def advance(self, until: float) -> None:
        """Let everything happen that is due, in its order, each at its own time."""
        while self._heap and self._heap[0][0] <= until:
            self.now, _, action = heappop(self._heap)
            action()
        self.now = max(self.now, until)
