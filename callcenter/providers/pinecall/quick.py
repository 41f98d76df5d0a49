"""Level meters and words: 23 frames of 24. They are read from their bytes straight into what is needed of them.

What is not exactly as expected here is no error: it goes the way of every frame, through ``decode``, which is lenient.
"""

from typing import Any

import msgspec
from msgspec import UNSET, Struct

from callcenter.domain.decoded import Decoded
from callcenter.domain.events.speech import LEVEL_SIDES
from callcenter.providers.pinecall.fields import decoded, remember
from callcenter.providers.pinecall.speech import SIDES, height, said
from callcenter.providers.values import ID_CHARS, epoch, name, position, sequence

Level = tuple[str, int, float]  # of which call; index into the levels of its state; 0 to 1


class _Metrics(Struct, tag_field="event", tag="audio.metrics", gc=False):
    """Both spellings of the wire."""

    source: str
    callId: str = ""  # noqa: N815
    call_id: str = ""
    energyDb: float | None = None  # noqa: N815
    energy_db: float | None = None
    rms: float | None = None
    data: Any = UNSET


class _Word(Struct, tag_field="event", tag="bot.word", gc=False):
    callId: str | None = None  # noqa: N815
    call_id: str | None = None
    messageId: str | None = None  # noqa: N815
    message_id: str | None = None
    word: str | None = None
    w: str | None = None
    wordIndex: int | float | None = None  # noqa: N815
    word_index: int | float | None = None
    agent_id: str | None = None
    agent: str | None = None
    agentId: str | None = None  # noqa: N815
    source: str | None = msgspec.field(default=None, name="from")
    to: str | None = None
    direction: str | None = None
    transport: str | None = None
    seq: int | float | None = None
    ts: int | float | str | None = None
    data: Any = UNSET


_PLACES = {source: LEVEL_SIDES[side] for source, side in SIDES.items()}
_LEVEL = b'{"event":"audio.metrics",'
_decode = msgspec.json.Decoder(_Metrics | _Word).decode


def read_quickly(raw: msgspec.Raw) -> Level | Decoded | None:
    """The level or the word that a frame tells, None when it is another frame or has to be read with more care.

    The ``frame`` of a word is ``raw``.
    """
    try:
        told = _decode(raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError):  # a ValidationError is a DecodeError
        return None
    return _level(told) if type(told) is _Metrics else _word(told, raw)


def is_level(raw: msgspec.Raw) -> bool:
    """Is this frame, as the SDK writes it, a level? Without reading it."""
    return bytes(raw).startswith(_LEVEL)


def _level(told: _Metrics) -> Level | None:
    call, place, energy = told.call_id or told.callId, _PLACES.get(told.source), told.energyDb if told.energy_db is None else told.energy_db
    known = height(energy, told.rms)
    if place is None or known is None or not call or len(call) > ID_CHARS or "\0" in call or told.data is not UNSET:
        return None
    return call, place, known


def _word(told: _Word, raw: msgspec.Raw) -> Decoded | None:
    call, message, word = told.call_id or told.callId, name(told.message_id or told.messageId), name(told.word or told.w)
    if not call or len(call) > ID_CHARS or not message or not word or told.data is not UNSET:
        return None
    who = remember((call, told.agent_id, told.agent, told.agentId, told.source, told.to, told.direction, told.transport))
    index = position(told.wordIndex if told.word_index is None else told.word_index)
    return decoded("bot.word", said(who, message, word, index), who, raw, sequence(told.seq), epoch(told.ts), durable=False)
