"""Live state of calls: words, interim speech, levels. In memory, or in Redis when several processes share it.

It is what a fresh page and the pushes agree on between two durable events. It may vanish at any time.
"""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from functools import cache
from time import monotonic, time
from typing import Any, Protocol

import msgspec
import redis
from django.conf import settings

KEEP_S = 180
AWAY_S = 5
WATCH_S = 30  # how long a call counts as looked at, unless somebody says so again
ASK_S = 0.25
log = logging.getLogger(__name__)


class LiveLine(msgspec.Struct, frozen=True):
    """A line being said: overrides the row with the same key while that row is open, or stands beside the rows."""

    key: str
    speaker: str
    text: str
    rest: str
    state: str  # interim | speaking
    at: float  # epoch s
    order: tuple[float, int, int]
    message_id: str = ""
    heard: float = 0.0  # epoch s of the arrival of its last words, 0 = not told


class LiveCall(msgspec.Struct, frozen=True):
    """``epoch``: how many entries of the call its owner had folded. Who was replaced stays behind with the next entry; until then the
    one that heard a frame later is right, each by its own clock: see ``order``.
    """

    epoch: int
    heard: float  # epoch s of the last frame of any kind
    activity: str = ""
    levels: tuple[float, float] = (0.0, 0.0)  # contact, agent
    idle_s: float | None = None
    lines: tuple[LiveLine, ...] = ()

    @property
    def order(self) -> tuple[int, float]:
        """Of two states of one call the higher is right."""
        return self.epoch, self.heard


class Difference(Enum):
    """What differs between two moments of a call at most: levels and the time of the last frame, its words too, or more."""

    LEVELS = 1
    WORDS = 2
    MORE = 3


def differ(one: LiveCall | None, other: LiveCall | None) -> Difference:
    if one is None or other is None:
        return Difference.LEVELS if one is other else Difference.MORE
    if (one.epoch, one.activity, one.idle_s) != (other.epoch, other.activity, other.idle_s):
        return Difference.MORE
    if one.lines is other.lines or one.lines == other.lines:
        return Difference.LEVELS
    return Difference.WORDS if last_speaker(one) == last_speaker(other) else Difference.MORE


def newest_line(live: LiveCall | None) -> LiveLine | None:
    """Of the lines being said."""
    return max(live.lines, key=lambda line: line.order) if live is not None and live.lines else None


def last_speaker(live: LiveCall) -> str:
    """Who says the newest line; screens say who speaks. "" = nobody."""
    line = newest_line(live)
    return line.speaker if line is not None else ""


class Store(Protocol):
    """Where live state lives."""

    def put(self, calls: Mapping[str, LiveCall]) -> None: ...
    def get(self, calls: Iterable[str]) -> dict[str, LiveCall]: ...
    def drop(self, calls: Iterable[str]) -> None: ...
    def watch(self, calls: Collection[str]) -> None:
        """A process for people shows these calls now."""

    def watched(self) -> Collection[str]:
        """Calls that somebody looks at."""

    @property
    def is_away(self) -> bool: ...


class MemoryStore:
    """One process, nothing to encode."""

    is_away = False

    def __init__(self) -> None:
        self.calls: dict[str, LiveCall] = {}
        self.seen: Collection[str] = frozenset()

    def put(self, calls: Mapping[str, LiveCall]) -> None:
        self.calls.update(calls)

    def get(self, calls: Iterable[str]) -> dict[str, LiveCall]:
        oldest = time() - KEEP_S
        found = ((call, self.calls.get(call)) for call in calls)
        return {call: live for call, live in found if live is not None and live.heard >= oldest}

    def drop(self, calls: Iterable[str]) -> None:
        for call in calls:
            self.calls.pop(call, None)

    def watch(self, calls: Collection[str]) -> None:
        self.seen = calls

    def watched(self) -> Collection[str]:
        return self.seen


class RedisStore:
    """One key a call with a time to live; written only by an owner who knows nothing older than what is there."""

    PREFIX = "callcenter:live:"
    WATCHED = "callcenter:watched"  # a sorted set of calls by the time until which they count as looked at, epoch s
    # KEYS: calls. ARGV: seconds to live, then epoch, heard and value of each. Two steps would let an old owner slip between them.
    PUT = """
    for place, name in ipairs(KEYS) do
      local held = redis.call('GET', name)
      local epoch, heard = tonumber(ARGV[place * 3 - 1]), tonumber(ARGV[place * 3])
      local known = held and cmsgpack.unpack(held)
      if not known or known.epoch < epoch or (known.epoch == epoch and known.heard <= heard) then
        redis.call('SET', name, ARGV[place * 3 + 1], 'EX', ARGV[1])
      end
    end
    """

    def __init__(self, url: str) -> None:
        self.redis = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
        self.put_script = self.redis.register_script(self.PUT)
        self.away_until = 0.0
        self.seen: Collection[str] = frozenset()
        self.asked_at = float("-inf")
        self.encoder = msgspec.msgpack.Encoder()
        self.decoder = msgspec.msgpack.Decoder(LiveCall)

    def put(self, calls: Mapping[str, LiveCall]) -> None:
        """Nothing while Redis is away: whoever published asks ``is_away`` and comes again."""
        if not calls or self.is_away:
            return
        values = [value for live in calls.values() for value in (*live.order, self.encoder.encode(live))]
        with self._or_away("live state is not published"):
            self.put_script(keys=[self.PREFIX + call for call in calls], args=[KEEP_S, *values])

    def get(self, calls: Iterable[str]) -> dict[str, LiveCall]:
        """Without Redis there is no live state: screens show what is committed. It is asked again after a few seconds."""
        names, found = list(calls), {}
        if names and not self.is_away:
            with self._or_away("live state is not shown"):
                found = self._read(names)
        return found

    @property
    def is_away(self) -> bool:
        """Did it not answer a moment ago? Then silence proves nothing."""
        return monotonic() < self.away_until

    @contextmanager
    def _or_away(self, trouble: str) -> Iterator[None]:
        """Who finds that Redis does not answer waits for it; nobody after him for a few seconds."""
        try:
            yield
        except redis.RedisError:
            self.away_until = monotonic() + AWAY_S
            log.warning("Redis does not answer: for %d s %s", AWAY_S, trouble, exc_info=True)

    def _read(self, names: list[str]) -> dict[str, LiveCall]:
        values: Any = self.redis.mget([self.PREFIX + name for name in names])
        return {name: self.decoder.decode(value) for name, value in zip(names, values, strict=True) if value is not None}

    def drop(self, calls: Iterable[str]) -> None:
        names = [self.PREFIX + call for call in calls]
        if names and not self.is_away:
            with self._or_away("calls that are over stay in the live state"):
                self.redis.delete(*names)

    def watch(self, calls: Collection[str]) -> None:
        """What is not said again is forgotten. Without Redis nothing is published anyway."""
        if self.is_away:
            return
        with self._or_away("ingest is not told which calls are looked at"):
            if calls:
                self.redis.zadd(self.WATCHED, dict.fromkeys(calls, time() + WATCH_S))
            self.redis.zremrangebyscore(self.WATCHED, "-inf", time())

    def watched(self) -> Collection[str]:
        """As it was a moment ago, or when Redis answered last."""
        if monotonic() - self.asked_at >= ASK_S and not self.is_away:
            self.asked_at = monotonic()
            with self._or_away("ingest does not learn which calls are looked at"):
                names: Any = self.redis.zrangebyscore(self.WATCHED, time(), "+inf")
                self.seen = {name.decode() for name in names}
        return self.seen


@cache
def store() -> Store:
    """The store of this process: Redis if one is configured."""
    return RedisStore(settings.REDIS_URL) if settings.REDIS_URL else MemoryStore()
