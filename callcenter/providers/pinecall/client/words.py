"""What went wrong, in one plain sentence for an administrator; never a secret, never a traceback."""

import re
import socket
import ssl
from collections.abc import Iterable

from httpx import ConnectTimeout, HTTPError, InvalidURL, RemoteProtocolError, TimeoutException
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI, WebSocketException

from callcenter.providers.opening import ELSEWHERE, is_redirect
from callcenter.providers.values import clean

SHOWN = 300
SHORTEST_SECRET = 6


class Stopped(Exception):
    """The line does not come back by itself; the text says what a person has to do."""


class Refused(Exception):
    """The other side said no; the text says what it said. Trying again may help."""


# What a network, a server or an address can do to us; anything else is a fault of this program.
Broken = (OSError, TimeoutError, WebSocketException, HTTPError, InvalidURL, UnicodeError, Refused)


class Hider:
    """Takes secrets out of what the other side says."""

    def __init__(self, secrets: Iterable[str]) -> None:
        kept = sorted({secret for secret in secrets if len(secret) >= SHORTEST_SECRET}, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, kept))) if kept else None

    def __call__(self, text: str) -> str:
        return text if self._pattern is None else self._pattern.sub("***", text)


def shown(value: object) -> str:
    """A text of the other side, cut to what a sentence can carry; "" when it is none."""
    if type(value) is not str:
        return ""
    line = " ".join(clean(value[: SHOWN * 4]).split())
    return line if len(line) <= SHOWN else line[:SHOWN] + "..."


# The first that fits counts. ``{at}``: the address, ``{what}``: who should answer there.
FAILURES: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], str], ...] = (
    (socket.gaierror, "The name in {at} cannot be found: check the address and this machine's name service."),
    (ssl.SSLCertVerificationError, "The certificate of {at} is not valid: open the address in a browser to see why."),
    (ssl.SSLError, "No encrypted connection to {at} came about: check whether the address begins with https:// or http://."),
    (ConnectionRefusedError, "Nothing answers at {at}: check the address and that the service is running."),
    ((ConnectTimeout, TimeoutError), "{at} does not answer: check the address, and that a firewall lets this machine out."),
    (TimeoutException, "{at} fell silent."),
    (RemoteProtocolError, "{what} broke off in the middle of an answer."),
    ((InvalidHandshake, InvalidURI, InvalidURL, ValueError), "What answers at {at} does not speak as {what} does: check the address."),
    (BaseException, "The line to {at} broke."),
)


def failure(error: BaseException, address: str, what: str = "Pinecall") -> str:
    """Why there is no line to this address. The address must be one without secrets."""
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, ConnectionClosed):
        return closed(error, what)
    if isinstance(error, InvalidStatus):
        return f"{what} answers {error.response.status_code} at {address}{_status_hint(error.response.status_code)}."
    found = _root(error)
    words = next(words for kind, words in FAILURES if isinstance(found, kind))
    return words.format(at=address, what=what)


def closed(error: ConnectionClosed, what: str = "Pinecall") -> str:
    """How an open socket came to its end."""
    said = error.rcvd
    if said is None:
        return f"The line to {what} broke off without a word."
    reason = f": {shown(said.reason)}" if said.reason else ""
    return f"{what} closed the line (code {said.code}{reason})."


def _root(error: BaseException) -> BaseException:
    """HTTP clients wrap what the network said."""
    found = error
    for _ in range(8):
        inner = found.__cause__ or found.__context__
        if inner is None:
            break
        found = inner
        if isinstance(found, socket.gaierror | ssl.SSLError | ConnectionRefusedError):
            return found
    return error


def _status_hint(status: int) -> str:
    if status in (401, 403):
        return ": it does not accept the secret, or not this machine"
    if is_redirect(status):
        return f": {ELSEWHERE}"
    if status == 404:
        return ": check the address"
    return ", which is a fault on its side; it is tried again" if status >= 500 else ""
