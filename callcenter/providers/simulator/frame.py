"""One encoded frame on its way out, and how much freedom the wire has with it."""

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple

import msgspec

encode = msgspec.json.encode


class Freedom(IntEnum):
    """What faults may do to a frame without making it mean something else.

    ``LOOSE`` frames carry a sequence, a time or a message id: they may arrive in any order and twice.
    ``KEPT`` frames carry none, so they keep their order within a call and a copy follows at once.
    ``ONCE`` frames keep their order and are never copied, since nobody could tell the copy.
    """

    LOOSE = 0
    KEPT = 1
    ONCE = 2


class Frame(NamedTuple):
    """Encoded JSON of one frame; ``scope`` is the call, thread or agent within which order counts."""

    data: bytes
    scope: str
    durable: bool
    freedom: Freedom


def inner(fields: Mapping[str, object]) -> bytes:
    """The members of a JSON object without its braces; empty for no fields."""
    return encode(fields)[1:-1]


def braced(*parts: bytes) -> bytes:
    """A JSON object from the members of several; empty parts are left out."""
    return b"{" + b",".join(part for part in parts if part) + b"}"
