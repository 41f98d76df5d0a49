"""Reading what came from outside: a value of the wrong type is absent, never an error. Contract A.2 and G.10."""

import re
from datetime import UTC, datetime
from math import isfinite
from typing import Any

import orjson

ID_CHARS = 200
NAME_CHARS = 200
TEXT_BYTES = 1 << 20
DEPTH = 64
FIRST_S = 978_307_200.0  # 2001-01-01
LAST_S = 4_133_980_800.0  # 2101-01-01
SMALL = 2**31  # what an integer column holds
LARGE = 2**63
_HUGE = re.compile(rb"[:,\[]-?\d{19}")  # perhaps an integer that no column holds


def clean(value: str) -> str:
    """The string without NUL and lone surrogates, which PostgreSQL and UTF-8 refuse."""
    if "\0" in value:
        value = value.replace("\0", "")
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "ignore").decode()
    return value


def name(value: object) -> str:
    """A short string: an id, a reason, a number. "" = absent; cut to 200 characters."""
    if type(value) is not str:
        return ""
    # What is printable has neither NUL nor surrogates: the quick way for nearly everything.
    return value if len(value) <= NAME_CHARS and value.isprintable() else clean(value)[:NAME_CHARS]


def text(value: object) -> str:
    """Spoken or written text. "" = absent; kept whole up to 1 MiB of UTF-8."""
    if type(value) is not str:
        return ""
    value = clean(value)
    if len(value) * 4 <= TEXT_BYTES:
        return value
    raw = value.encode()
    return value if len(raw) <= TEXT_BYTES else raw[:TEXT_BYTES].decode("utf-8", "ignore")


def number(value: object) -> float | None:
    """A finite number that is not negative; a bool is none."""
    if type(value) is float:
        return value if 0 <= value < SMALL else None
    return float(value) if type(value) is int and 0 <= value < SMALL else None


def count(value: object) -> int | None:
    """A whole number from 0, small enough for an integer column; fractions (of milliseconds) are rounded."""
    known = number(value)
    return None if known is None else round(known)


def position(value: object) -> int | None:
    """An index from 0: a fraction is no index."""
    if type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value < SMALL else None


def sequence(value: object) -> int | None:
    """A provider's ``seq``: a whole number from 0 that fits 63 bits."""
    if type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value < LARGE else None


def epoch(value: object) -> float | None:
    """Epoch seconds from seconds, milliseconds or ISO-8601 (without zone: UTC). Before 2001 or after 2100 = absent."""
    if type(value) is float or type(value) is int:
        if FIRST_S <= value < LAST_S:
            return float(value)
        return value / 1000 if FIRST_S * 1000 <= value < LAST_S * 1000 else None
    if type(value) is not str or not 8 <= len(value) <= 40:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    seconds = moment.timestamp()
    return seconds if FIRST_S <= seconds < LAST_S else None


def digits(value: object) -> str:
    """The digits of a phone number, at most 32."""
    if type(value) is not str:
        return ""
    return "".join([char for char in value[:NAME_CHARS] if "0" <= char <= "9"])[:32]


def mapping(value: object) -> dict[str, Any] | None:
    """A JSON object, or None."""
    return value if type(value) is dict else None


def storable(value: Any) -> Any:
    """Any JSON value as a database takes it: strings cleaned, no NaN, no huge integers, at most 64 levels deep.

    Nearly every value is so already, and is returned as it is: written as JSON it shows none of this.
    """
    try:
        text = orjson.dumps(value)
    except (TypeError, ValueError):  # half a surrogate pair, an integer beyond 64 bits, or nested too deep
        return _storable(value, DEPTH)
    if b"\\u0000" in text or b"null" in text or text.count(b"{") + text.count(b"[") > DEPTH or _HUGE.search(text):
        return _storable(value, DEPTH)
    return value


def _storable(value: Any, depth: int) -> Any:
    kind = type(value)
    if kind is str:
        return clean(value)
    if kind is dict:
        return {clean(key): _storable(item, depth - 1) for key, item in value.items()} if depth else None
    if kind is list:
        return [_storable(item, depth - 1) for item in value] if depth else None
    if kind is float:
        return value if isfinite(value) else None
    if kind is int:
        return value if -LARGE <= value < LARGE else _as_float(value)
    return value if kind is bool else None


def _as_float(value: int) -> float | None:
    try:
        return float(value)
    except OverflowError:
        return None


def snake(key: str) -> str:
    """``callUuid`` and ``callUUID`` become ``call_uuid``."""
    parts = []
    before = ""
    for char in key:
        if char.isupper():
            parts.append("_" + char.lower() if before.islower() or before.isdigit() else char.lower())
        else:
            parts.append(char)
        before = char
    return "".join(parts)


def fold(word: str) -> str:
    """How event names are compared: without ``_``, in lower case. Contract A.1."""
    return word.replace("_", "").lower()
