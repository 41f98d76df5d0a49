"""Who looks at a thread and who types in it: ephemeral, with a time to live, in memory or in Redis. Never a command."""

import logging
from functools import cache
from time import monotonic, time
from typing import Protocol

import redis
from django.conf import settings
from msgspec import Struct, msgpack

VIEWING_S = 40.0  # the page says every fifteen seconds that it is being looked at
TYPING_S = 8.0  # and every five that somebody types
AWAY_S = 5.0
log = logging.getLogger(__name__)


class Present(Struct, frozen=True):
    """``viewing`` and ``typing``: epoch seconds until which it is true."""

    operator: int
    name: str
    viewing: float
    typing: float = 0.0


class Presence(Protocol):
    def put(self, thread: int, present: Present) -> None: ...
    def get(self, thread: int) -> list[Present]: ...


class MemoryPresence:
    """One process."""

    def __init__(self) -> None:
        self.threads: dict[int, dict[int, Present]] = {}

    def put(self, thread: int, present: Present) -> None:
        here = {pk: other for pk, other in self.threads.get(thread, {}).items() if other.viewing > time()}
        self.threads[thread] = {**here, present.operator: present}

    def get(self, thread: int) -> list[Present]:
        return list(self.threads.get(thread, {}).values())


class RedisPresence:
    """One hash a thread, which is gone when nobody looks any more. Without Redis nobody is seen."""

    PREFIX = "callcenter:presence:"

    def __init__(self, url: str) -> None:
        self.redis = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
        self.decoder = msgpack.Decoder(Present)
        self.away_until = 0.0

    def put(self, thread: int, present: Present) -> None:
        if monotonic() < self.away_until:
            return
        try:
            pipe = self.redis.pipeline()
            pipe.hset(f"{self.PREFIX}{thread}", str(present.operator), msgpack.encode(present))
            pipe.expire(f"{self.PREFIX}{thread}", round(VIEWING_S))
            pipe.execute()
        except redis.RedisError:
            self._away()

    def get(self, thread: int) -> list[Present]:
        if monotonic() < self.away_until:
            return []
        try:
            found: dict[bytes, bytes] = self.redis.hgetall(f"{self.PREFIX}{thread}")  # type: ignore[assignment]
        except redis.RedisError:
            self._away()
            return []
        return [self.decoder.decode(value) for value in found.values()]

    def _away(self) -> None:
        self.away_until = monotonic() + AWAY_S
        log.warning("Redis does not answer: nobody's presence is shown for %d s", AWAY_S)


@cache
def presence() -> Presence:
    """Of this process: in Redis if one is configured."""
    return RedisPresence(settings.REDIS_URL) if settings.REDIS_URL else MemoryPresence()


def tell(thread: int, operator: int, name: str, *, viewing: bool, typing: bool) -> bool:
    """Somebody looks, types, or leaves; True when others see a difference."""
    now = time()
    before = next((other for other in presence().get(thread) if other.operator == operator), None)
    present = Present(operator, name, now + VIEWING_S if viewing else 0.0, now + TYPING_S if viewing and typing else 0.0)
    presence().put(thread, present)
    return _signs(before, now) != _signs(present, now)


def words_about(thread: int, reader: int) -> str:
    """Who else is there, in words; "" = nobody."""
    now = time()
    others = sorted((other for other in presence().get(thread) if other.operator != reader), key=lambda other: other.name)
    typing = [other.name for other in others if other.typing > now]
    viewing = [other.name for other in others if other.viewing > now and other.typing <= now]
    told = [_told(typing, "is typing", "are typing"), _told(viewing, "is here too", "are here too")]
    return "; ".join(part for part in told if part)


def _told(names: list[str], one: str, many: str) -> str:
    if not names:
        return ""
    return f"{names[0]} {one}" if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]} {many}"


def _signs(present: Present | None, now: float) -> tuple[bool, bool]:
    return (False, False) if present is None else (present.viewing > now, present.typing > now)
