"""Sippet over HTTP: session tokens and RPC. Each request leaves at most once; what went wrong is said in words. Contract 1, 2, 6."""

import asyncio
import logging
import re
from time import monotonic, time
from typing import Any

import httpx
import msgspec
from msgspec import Struct

from callcenter.providers.sippet.options import SippetOptions, SippetSecrets
from callcenter.providers.values import epoch, name, number

# One line for every request says nothing to anybody.
logging.getLogger("httpx").setLevel(logging.WARNING)

LARGEST = 32 * 1024 * 1024
TOKEN_LIFE_S = 300.0
LONGEST_WAIT_S = 600.0
_HOLE = re.compile(r"%\{(\w{1,60})\}")
Json = dict[str, Any]


class KeyRefused(Exception):
    """The secret key opens nothing: a person has to do something."""


class Unavailable(Exception):
    """No answer that means anything. ``left``: the request may have reached the provider. ``wait_s``: as it asked, 0 = it did not."""

    def __init__(self, words: str, *, left: bool = False, wait_s: float = 0.0) -> None:
        super().__init__(words)
        self.left, self.wait_s = left, wait_s


class Fault(Struct, frozen=True):
    """One structured error. ``fields``: the names it complains of."""

    type: str
    words: str
    fields: tuple[str, ...] = ()


class Refused(Exception):
    """The provider's structured refusal, in its own words."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(dict.fromkeys(fault.words for fault in faults)))
        self.faults = faults

    def has(self, kind: str) -> bool:
        return any(fault.type == kind for fault in self.faults)


class Token:
    """A session token; ``until``: monotonic seconds. It is not shown when printed."""

    def __init__(self, value: str, until: float) -> None:
        self.value, self.until = value, until


class Api:
    """Opens its HTTP client at the first request; ``close`` it."""

    def __init__(self, options: SippetOptions, secrets: SippetSecrets) -> None:
        self.options, self.key = options, secrets.secret_key.strip()
        self.base = options.base_url.rstrip("/")
        self._http: httpx.AsyncClient | None = None

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def mint(self) -> Token:
        """A fresh session token. Raises KeyRefused, Unavailable."""
        status, body = await self._post(self.options.session_path, None, "a session token")
        if status in (404, 405):
            words = f"Sippet makes no session tokens at {self.options.session_path} ({status}): check address and path."
            raise Unavailable(words, wait_s=60)
        value = body.get("token") if isinstance(body, dict) else None
        if not isinstance(value, str) or not value or not value.isascii() or not value.isprintable():
            raise Unavailable("Sippet's answer holds no session token: check address and path.", wait_s=30)
        return Token(value, monotonic() + _life(body))

    async def run(self, body: Json) -> Any:
        """The ``data`` of an action's answer. Raises Refused, KeyRefused, Unavailable."""
        return await self._rpc("run", body)

    async def validate(self, body: Json) -> None:
        """The same, without executing."""
        await self._rpc("validate", body)

    async def _rpc(self, verb: str, body: Json) -> Any:
        path, action = f"{self.options.rpc_path.rstrip('/')}/{verb}", str(body.get("action", ""))[:60]
        status, answer = await self._post(path, body, action)
        if status in (404, 405):
            raise Unavailable(f"Sippet takes no actions at {path} ({status}): check address and path.", wait_s=60)
        if not isinstance(answer, dict) or type(answer.get("success")) is not bool:
            raise Unavailable(f"Sippet's answer to {action} cannot be understood.", left=True)
        if not answer["success"]:
            raise Refused(faults_of(answer.get("errors")))
        return answer.get("data")

    async def _post(self, path: str, body: Json | None, what: str) -> tuple[int, Any]:
        """Status and parsed body of what is not a refusal of the key, of the pace, or a failure."""
        if not self.key or not self.key.isascii() or not self.key.isprintable():
            raise KeyRefused("There is no usable secret key: paste the one that Sippet's console shows.")
        if self._http is None:
            self._http = httpx.AsyncClient(headers={"x-api-key": self.key, "content-type": "application/json", "user-agent": "callcenter"})
        limit = self.options.rpc_timeout_s
        try:
            async with asyncio.timeout(limit):
                request = self._http.build_request(
                    "POST",
                    self.base + path,
                    content=b"" if body is None else msgspec.json.encode(body),
                    timeout=httpx.Timeout(limit, connect=limit / 2, pool=limit / 2),
                )
                answer = await self._http.send(request, stream=True)
                try:
                    data = await _read(answer)
                finally:
                    await answer.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            raise Unavailable("Sippet cannot be reached: check the address and the network.") from None
        except (TimeoutError, httpx.TimeoutException):
            raise Unavailable(f"Sippet did not answer {what} within {limit:g} s.", left=True) from None
        except httpx.InvalidURL:
            raise Unavailable("The base address cannot be read.", wait_s=60) from None
        except httpx.HTTPError:
            raise Unavailable(f"The line broke while Sippet was asked for {what}.", left=True) from None
        return _judge(answer, data, what)


async def _read(answer: httpx.Response) -> bytes:
    pieces, size = [], 0
    async for piece in answer.aiter_bytes():
        size += len(piece)
        if size > LARGEST:
            raise Unavailable(f"Sippet answered more than {LARGEST >> 20} MiB.", left=True, wait_s=60)
        pieces.append(piece)
    return b"".join(pieces)


def _judge(answer: httpx.Response, data: bytes, what: str) -> tuple[int, Any]:
    status = answer.status_code
    if status in (401, 403):
        raise KeyRefused(f"Sippet refuses the secret key ({status}): check that it is the secret one, whole, and of this workspace.")
    if status == 429:
        waits = number(_number(answer.headers.get("retry-after", "")))
        raise Unavailable("Sippet asks for fewer requests (429).", wait_s=min(5.0 if waits is None else waits, LONGEST_WAIT_S))
    if status >= 500:
        raise Unavailable(f"Sippet failed when asked for {what} ({status}).", left=True)
    if status not in (404, 405) and not 200 <= status < 300:
        raise Unavailable(f"Sippet refuses {what} with status {status}.", wait_s=30)
    try:
        return status, msgspec.json.decode(data) if data else None
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return status, None


def _number(text: str) -> float | None:
    return float(text) if text.isdigit() and len(text) < 10 else None


def _life(body: Json) -> float:
    """Seconds a token lives: as it says itself, else by the time it names, else five minutes."""
    ttl = number(body.get("ttl_seconds"))
    if ttl:
        return ttl
    ends = epoch(body.get("expires_at"))
    return max(ends - time(), 0.0) if ends is not None else TOKEN_LIFE_S


def faults_of(errors: Any) -> tuple[Fault, ...]:
    """What the provider complains of, holes filled; never empty."""
    found = tuple(_fault(error) for error in (errors if isinstance(errors, list) else [])[:20] if isinstance(error, dict))
    return found or (Fault("unknown_error", "Sippet refused without a reason."),)


def _fault(error: Json) -> Fault:
    given = error.get("vars")
    holes: Json = given if isinstance(given, dict) else {}
    words = name(error.get("message")) or name(error.get("shortMessage")) or name(error.get("type")) or "Refused."
    words = _HOLE.sub(lambda hole: str(holes.get(hole[1], hole[0]))[:100], words)
    fields = error.get("fields")
    named = [item for item in (fields if isinstance(fields, list) else []) if isinstance(item, str)]
    if isinstance(holes.get("field"), str):
        named.append(holes["field"])
    return Fault(name(error.get("type")), words, tuple(dict.fromkeys(named)))
