"""Level meters: twenty frames of twenty-four. They are read from their bytes straight into what is needed of them.

What is not exactly as expected here is no error: it goes the way of every frame, through ``decode``, which is lenient.
"""

from typing import Any

import msgspec
from msgspec import Struct

from callcenter.domain.events.speech import LEVEL_SIDES
from callcenter.providers.pinecall.speech import SIDES, height
from callcenter.providers.values import ID_CHARS

Level = tuple[str, int, float]  # of which call; index into the levels of its state; 0 to 1


class _Metrics(Struct, tag_field="event", tag="audio.metrics"):
    """Both spellings of the wire."""

    source: str
    callId: str = ""  # noqa: N815
    call_id: str = ""
    energyDb: float | None = None  # noqa: N815
    energy_db: float | None = None
    rms: float | None = None
    data: Any = None


_decode = msgspec.json.Decoder(_Metrics).decode


def read_level(raw: msgspec.Raw) -> Level | None:
    """The level that a frame tells, None when it is another frame or has to be read with more care."""
    try:
        told = _decode(raw)
    except (msgspec.DecodeError, UnicodeError):  # a ValidationError is a DecodeError
        return None
    call, side = told.call_id or told.callId, SIDES.get(told.source)
    known = height(told.energyDb if told.energy_db is None else told.energy_db, told.rms)
    if side is None or known is None or not call or len(call) > ID_CHARS or "\0" in call or told.data is not None:
        return None
    return call, LEVEL_SIDES[side], known
