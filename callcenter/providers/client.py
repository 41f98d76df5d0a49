"""What the runner of connections asks of a provider's client. A client knows the wire; nothing of Django, rows or ingest."""

from collections.abc import AsyncIterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol

from msgspec import Struct

Json = dict[str, Any]


class Line(StrEnum):
    """How the line to the provider is. ``STOPPED``: it does not come back by itself, a person has to do something."""

    CONNECTING = "connecting"
    UP = "up"
    WAITING = "waiting"
    STOPPED = "stopped"


class NotSent(Exception):
    """A command did not leave; the text says why, in plain words or in the provider's own."""


class Unsure(Exception):
    """A command may have left, and nothing will ever tell what became of it; the text says why."""


class Step(Struct, frozen=True):
    """One step of a check. ``words``: one sentence, what was found and, when not ``ok``, what to do."""

    name: str
    ok: bool
    words: str


class Upward(Protocol):
    """The runner's side of a client."""

    async def frames(self, frames: Sequence[object]) -> None:
        """Hand frames on as they came, in order. Waits while there is no room; raises nothing."""

    def line(self, line: Line, words: str = "", *, retry_s: float | None = None) -> None:
        """Say how the line is. ``words``: one sentence for the administrator, "" = nothing to say. ``retry_s``: seconds to the next try."""

    def trouble(self, words: str) -> None:
        """Something went wrong that does not end the line: one sentence, shown until the next one."""

    def cannot(self, actions: Mapping[str, str]) -> None:
        """Actions that the provider was found not to know, all of them, each with one sentence: nobody is to ask for them."""

    def recall(self, name: str) -> str:
        """What was last remembered under this name, "" = nothing."""

    def remember(self, name: str, value: str) -> None:
        """Keep a cursor over restarts. It is written when every frame handed on before is safe."""


class Client(Protocol):
    """One outbound connection. Made with its typed options and secrets; secrets never reach ``words`` or a log."""

    async def run(self, up: Upward) -> None:
        """Stay connected until cancelled, with back-off and jitter. Returns only after ``Line.STOPPED`` was said."""

    async def command(self, frame: Json) -> None:
        """Give one command, the provider's own JSON, to the provider. Raises NotSent, Unsure. Never sends anything twice."""

    def check(self) -> AsyncIterator[Step]:
        """Walk through each step of connecting, apart from a running line; the first that is not ok is the last."""
