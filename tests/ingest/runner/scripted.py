"""A provider of our own and its client: frames with a number, which the provider can replay, and commands. Over a real socket.

Up: ``{"n": 7, "frame": {...}}``. Down: ``{"after": 7}`` once, then commands. The client is what the runner is held against.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Literal

import orjson
from msgspec import Struct
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from callcenter.providers.client import Json, Line, NotSent, Step, Upward
from callcenter.providers.clients import CLIENTS, ClientKind, Kind, RowSecrets


class Number(Struct, kw_only=True, frozen=True):
    number: str
    ringing: bool = False


class Account(Struct, kw_only=True, frozen=True):
    ref: str
    phone: str = ""


class AccountSecrets(Struct, kw_only=True, frozen=True):
    access_token: str = ""


class Argument(Struct, kw_only=True, frozen=True):
    name: str
    kind: Literal["string", "number"] = "string"
    required: bool = True


class Tool(Struct, kw_only=True, frozen=True):
    name: str
    parameters: tuple[Argument, ...] = ()


class Helper(Struct, kw_only=True, frozen=True):
    id: str
    prompt: str = ""
    wait_s: int | None = None
    listen: bool = True
    origins: tuple[str, ...] = ()
    phones: tuple[Number, ...] = ()
    whatsapp: tuple[Account, ...] = ()
    tools: tuple[Tool, ...] = ()


class ScriptedOptions(Struct, kw_only=True, frozen=True):
    url: str = ""
    mood: Literal["calm", "raise", "silent"] = "calm"
    wait_s: float = 0.05
    agents: tuple[Helper, ...] = ()


class ScriptedSecrets(Struct, kw_only=True, frozen=True):
    api_key: str = ""
    whatsapp: dict[str, AccountSecrets] = {}


HELP = {
    "url": "Where the provider is.",
    "api_key": "What opens the provider.",
    "prompt": "What it is told.",
    "number": "With + and country code.",
}


def validate(options: ScriptedOptions, secrets: ScriptedSecrets) -> list[str]:
    found = [] if options.url else ["The provider needs an address."]
    return found if secrets.api_key else [*found, "The key is missing: copy it from the provider."]


class ScriptedClient:
    def __init__(self, options: ScriptedOptions, secrets: ScriptedSecrets) -> None:
        self.options, self.secrets = options, secrets
        self.socket: ClientConnection | None = None

    async def run(self, up: Upward) -> None:
        if self.options.mood == "raise":
            raise RuntimeError(f"a bug of ours, near {self.secrets.api_key}")
        while True:
            up.line(Line.CONNECTING)
            try:
                async with connect(
                    self.options.url, additional_headers={"X-Key": self.secrets.api_key}, proxy=None, compression=None
                ) as self.socket:
                    await self._read(self.socket, up)
            except (OSError, ConnectionClosed, InvalidHandshake, TimeoutError):
                up.line(Line.WAITING, f"The provider cut the line of {self.secrets.api_key}.", retry_s=self.options.wait_s)
            finally:
                self.socket = None
            await asyncio.sleep(self.options.wait_s)

    async def _read(self, socket: ClientConnection, up: Upward) -> None:
        await socket.send(orjson.dumps({"after": int(up.recall("n") or 0)}).decode())
        up.line(Line.UP)
        async for message in socket:
            said = orjson.loads(message)
            if said.get("stop"):
                up.line(Line.STOPPED, said["stop"])
                raise asyncio.CancelledError
            await up.frames([item["frame"] for item in said["items"]])
            up.remember("n", str(said["items"][-1]["n"]))

    async def command(self, frame: Json) -> None:
        if self.socket is None:
            raise NotSent("The provider is not connected.")
        if frame.get("digits") == "0":
            raise NotSent(f"The provider does not take 0 from {self.secrets.api_key}.")
        await self.socket.send(orjson.dumps(frame).decode())

    async def check(self) -> AsyncIterator[Step]:
        yield Step("Address", bool(self.options.url), "The address can be read." if self.options.url else "Enter an address.")
        if self.options.mood == "silent":
            await asyncio.sleep(3600)
        if self.options.mood == "raise":
            raise RuntimeError(self.secrets.api_key)
        try:
            async with connect(self.options.url, additional_headers={"X-Key": self.secrets.api_key}, proxy=None, open_timeout=5):
                yield Step("Key", True, "The provider takes the key.")
        except (OSError, InvalidHandshake, TimeoutError):
            yield Step("Key", False, f"The provider does not take {self.secrets.api_key}: copy the key again.")


KIND = ClientKind(
    options=ScriptedOptions,
    secrets=ScriptedSecrets,
    help=HELP,
    validate=validate,
    make=ScriptedClient,
    agent=Helper,
    long=frozenset({"prompt"}),
    rows={"whatsapp": RowSecrets("ref", AccountSecrets, "url")},
    sent_to={"api_key": "url"},
)


def register() -> None:
    """In the place of the client of direct connections, for this process."""
    CLIENTS[Kind.PINECALL_DIRECT] = KIND


def items(frames: Sequence[Json], start: int) -> str:
    return orjson.dumps({"items": [{"n": start + position, "frame": frame} for position, frame in enumerate(frames)]}).decode()
