"""The key that removes replays of one frame inside its scope: design law 4."""

from hashlib import blake2b
from uuid import uuid4

import orjson

from callcenter.domain.decoded import Decoded


def key_of(decoded: Decoded, stream: str, envelope: int | None, index: int) -> str:
    """A hash of the canonical frame if it carries a mark; else its place in the stream; else none, taken at least once."""
    if decoded.identified:
        return _hash(orjson.dumps(decoded.frame, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS))
    if stream and envelope is not None:
        return _hash(orjson.dumps([stream, envelope, index]))
    return uuid4().hex


def fact_key() -> str:
    """The console's own facts are never replayed."""
    return uuid4().hex


def _hash(data: bytes) -> str:
    return blake2b(data, digest_size=20).hexdigest()
