"""A Redis of our own, which writes nothing to disk: what is in it may vanish at any time."""

import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import redis

from callcenter.cluster.machine import LOCAL, program
from callcenter.cluster.program import Program


@dataclass(frozen=True, slots=True)
class RedisServer:
    folder: Path
    port: int
    password: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{LOCAL}:{self.port}/0"

    def make(self) -> None:
        """Write its settings; a command line would show the password to everybody."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / "redis.conf"
        file.touch(mode=0o600)
        listens = (f"bind {LOCAL}", f"port {self.port}", f"requirepass {self.password}", "loglevel warning")
        file.write_text("\n".join([*listens, 'save ""', "appendonly no", f'dir "{self.folder}"']) + "\n")

    def program(self) -> Program:
        return Program("redis", [program("redis-server", "redis-server"), str(self.folder / "redis.conf")], self.answers)

    def answers(self) -> bool:
        with suppress(redis.ConnectionError), redis.Redis.from_url(self.url, socket_timeout=5, socket_connect_timeout=5) as client:
            return bool(client.ping())
        return False
