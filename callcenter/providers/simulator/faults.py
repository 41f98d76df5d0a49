"""Faults between a provider and the console: copies, disorder within a window, and junk."""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heappop, heappush
from random import Random

from callcenter.providers.simulator.frame import Frame, Freedom
from callcenter.providers.simulator.malformed import broken_text, wrong_frame

LATEST_COPY = 2.0


@dataclass(frozen=True, slots=True)
class Troubles:
    """How often what goes wrong: shares of frames from 0 to 1, the window in seconds."""

    duplicates: float = 0.0
    reorder: float = 0.0
    malformed: float = 0.0

    @property
    def none(self) -> bool:
        """Whether the line is perfect."""
        return not (self.duplicates or self.reorder or self.malformed)


class Line:
    """What becomes of one connection's frames on their way; times in seconds since the start.

    Frames without a sequence, time or id keep their order within their call (the console's promise
    holds for no others), and their copies follow at once; see ``Freedom``.
    """

    def __init__(self, troubles: Troubles, rng: Random) -> None:
        self.troubles = troubles
        self.rng = rng
        self.copies = 0
        self.junk = 0
        self.texts: list[str] = []
        self._waiting: list[tuple[float, int, Frame]] = []
        self._count = 0
        self._last: dict[str, float] = {}

    def put(self, frame: Frame, now: float) -> None:
        """A frame sets out."""
        troubles, rng = self.troubles, self.rng
        at = now + rng.random() * troubles.reorder if troubles.reorder else now
        if frame.freedom is not Freedom.LOOSE and troubles.reorder:
            at = max(at, self._last.get(frame.scope, 0.0))
            self._last[frame.scope] = at
            self._prune(now)
        self._push(at, frame)
        if troubles.duplicates and rng.random() < troubles.duplicates and frame.freedom is not Freedom.ONCE:
            self.copies += 1
            self._push(at if frame.freedom is Freedom.KEPT else at + rng.random() * LATEST_COPY, frame)
        about_a_call = frame.scope != "control" and not frame.scope.startswith("agent:")
        if about_a_call and troubles.malformed and rng.random() < troubles.malformed:
            self._spoil(frame, at)

    def due(self, now: float) -> Iterator[Frame]:
        """The frames that arrive by now, in the order in which they do."""
        while self._waiting and self._waiting[0][0] <= now:
            yield heappop(self._waiting)[2]

    def rest(self) -> Iterator[Frame]:
        """Whatever is still on its way, for the end."""
        yield from self.due(float("inf"))

    def _push(self, at: float, frame: Frame) -> None:
        self._count += 1
        heappush(self._waiting, (at, self._count, frame))

    def _spoil(self, frame: Frame, at: float) -> None:
        self.junk += 1
        if self.rng.random() < 0.15:
            self.texts.append(broken_text(self.rng))
        else:
            self._push(at, Frame(wrong_frame(self.rng, frame.scope), frame.scope, False, Freedom.ONCE))

    def _prune(self, now: float) -> None:
        if len(self._last) > 5000:
            self._last = {scope: at for scope, at in self._last.items() if at > now}
