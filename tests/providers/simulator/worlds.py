"""Small worlds to look at: everything that was said in some seconds, decoded, and who said it."""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from callcenter.providers.simulator.account import Account
from callcenter.providers.simulator.casting import CHANNELS, Casting
from callcenter.providers.simulator.frame import Frame
from callcenter.providers.simulator.world import Plan, World

EPOCH = 1_782_900_000.0
PINECALL, SIPPET = "pinecall-demo", "sippet-demo"


class Said(NamedTuple):
    """One frame: who sent it, its event name, its fields, and the frame as it was encoded."""

    connection: str
    event: str
    fields: dict[str, Any]
    frame: Frame


class Scene:
    """A world whose frames are kept."""

    def __init__(
        self,
        plan: Plan | None = None,
        *,
        seed: str = "scene",
        run: str = "r1",
        form: str = "stream",
        sippet_form: str = "mixed",
        channels: tuple[str, ...] = CHANNELS,
        providers: tuple[str, ...] = ("pinecall", "sippet"),
        voice_pause: bool = False,
    ) -> None:
        self.frames: list[tuple[str, Frame]] = []
        self._decoded: list[Said] = []
        accounts = []
        if "pinecall" in providers:
            accounts.append(Account(PINECALL, "pinecall", form, voice_pause=voice_pause))
        if "sippet" in providers:
            accounts.append(Account(SIPPET, "sippet", "sippet"))
        casting = Casting(seed, run, channels, sippet_form)
        self.world = World(plan or Plan(meters=0), casting, accounts, EPOCH, lambda slug, frame: self.frames.append((slug, frame)))

    def play(self, seconds: float) -> "Scene":
        """Let the world go on until that many seconds after its start."""
        self.world.advance(seconds)
        return self

    def said(self, *events: str) -> list[Said]:
        """Everything said so far, or only these events."""
        self._decoded += [said(connection, frame) for connection, frame in self.frames[len(self._decoded) :]]
        return [one for one in self._decoded if not events or one.event in events]

    def greet(self, slug: str) -> None:
        """A relay's socket has opened."""
        self.frames += [(slug, frame) for frame in self.world.greeting(slug)]

    def by_call(self) -> dict[str, list[Said]]:
        """What was said about each Pinecall call and Sippet call, in order."""
        calls: dict[str, list[Said]] = {}
        for one in self.said():
            calls.setdefault(one.frame.scope, []).append(one)
        return calls

    def forget(self) -> None:
        """Start to listen anew."""
        self.frames.clear()
        self._decoded.clear()


def said(connection: str, frame: Frame) -> Said:
    """Decode a frame of either provider in any wrapping."""
    data = json.loads(frame.data)
    if isinstance(data, list):
        return Said(connection, data[3], data[4], frame)
    event = data.pop("event")
    payload = data.pop("payload") if set(data) == {"payload"} else data
    return Said(connection, event, payload, frame)


def flat(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a Sippet payload in one level and in snake_case."""
    merged: dict[str, Any] = {}
    for key, value in fields.items():
        if key in ("call", "participant", "item", "audit_event", "auditEvent") and isinstance(value, dict):
            merged |= value
        else:
            merged[key] = value
    return {"".join(f"_{c.lower()}" if c.isupper() else c for c in key): value for key, value in merged.items()}


def words_of(said_of_call: list[Said]) -> Iterator[tuple[str, list[str]]]:
    """The words of each agent's line of a call, by message id."""
    lines: dict[str, list[str]] = {}
    for one in said_of_call:
        if one.event == "bot.word":
            line = lines.setdefault(one.fields["messageId"], [])
            assert one.fields["wordIndex"] == len(line), "words come in order and none is missing"
            line.append(one.fields["word"])
    yield from lines.items()
