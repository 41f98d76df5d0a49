"""From frames to events, before any lock is taken. What cannot be read is rejected; nothing here raises."""

import binascii
import json
import logging
from base64 import b64decode
from typing import Any

import orjson
from msgspec import Raw, Struct, structs

from callcenter.calls.audio import NotAudio, store_bytes
from callcenter.domain.decoded import Decoded, Unreadable
from callcenter.domain.events.console import name_of
from callcenter.domain.events.lifecycle import RecordingReceived
from callcenter.ingest.message import KEPT_TEXT, Message, Unparsed, parse
from callcenter.journal.reading import fact_frame, with_file
from callcenter.providers.decode import decode
from callcenter.providers.pinecall.quick import Level, is_level, read_quickly

log = logging.getLogger(__name__)


class Taken(Struct, frozen=True, gc=False):
    """A frame that could be read: number ``index`` of message number ``message``."""

    message: int
    index: int
    decoded: Decoded
    origin: str = "provider"


class Rejected(Struct, frozen=True):
    """A frame that could not: ``text`` is what is kept of it."""

    message: int
    index: int
    error: str
    text: str


class Metered(Struct, frozen=True, gc=False):
    """A frame that is nothing but a level; ``frame`` is what it came as, for a call that is not known."""

    message: int
    index: int
    level: Level
    frame: Raw


Item = Taken | Rejected | Metered


def take(messages: list[Message], levels_from: int = 0) -> list[Item]:
    """Every frame of every message, in order. Levels of messages before number ``levels_from`` are only counted."""
    items: list[Item] = []
    for number, message in enumerate(messages):
        is_quick = message.source.provider == "pinecall"
        passes = is_quick and number < levels_from and len(message.frames) > 1  # what stands alone may be no JSON
        message.passed = 0
        for index, frame in enumerate(message.frames):
            if passes and type(frame) is Raw and is_level(frame):
                message.passed += 1
                continue
            try:
                found = read_quickly(frame) if is_quick and type(frame) is Raw else None
            except Exception:  # read with care it can only be rejected
                log.exception("A frame broke its quick reader")
                found = None
            if found is None:
                items.append(take_one(number, index, frame, message))
            elif isinstance(found, tuple):
                items.append(Metered(number, index, found, frame))
            else:
                items.append(Taken(number, index, found))
                if found.agent:
                    message.agents.add(found.agent)
    return items


def take_one(number: int, index: int, frame: Any, message: Message) -> Taken | Rejected:
    """One frame with care."""
    item = _take(number, index, parse(bytes(frame)) if type(frame) is Raw else frame, message.source.provider)
    if isinstance(item, Taken) and item.decoded.agent and message.source.provider == "pinecall":
        message.agents.add(item.decoded.agent)
    return item


def _take(number: int, index: int, frame: Any, provider: str) -> Taken | Rejected:
    if isinstance(frame, Unparsed):
        return Rejected(number, index, "This is not JSON.", clean(frame.text)[:KEPT_TEXT])
    if isinstance(frame, RecordingReceived):
        fact = Decoded(name=name_of(frame), event=frame, durable=True, call=frame.call, identified=True, frame=fact_frame(frame))
        return Taken(number, index, fact, "console")
    if isinstance(frame, dict) and "stored" in frame:
        frame = {name: value for name, value in frame.items() if name != "stored"}  # ours: names a file
    try:
        decoded = decode(provider, frame)
        return Taken(number, index, _store_audio(decoded) if decoded.audio else decoded)
    except (Unreadable, NotAudio) as error:
        return Rejected(number, index, str(error), as_text(frame)[:KEPT_TEXT])
    except OSError:
        log.exception("A recording could not be stored")
        return Rejected(number, index, "The recording could not be stored here: send it again.", as_text(decoded.frame)[:KEPT_TEXT])
    except Exception:
        log.exception("A frame of %s broke its decoder", provider)
        return Rejected(number, index, "The decoder failed on this frame.", as_text(frame)[:KEPT_TEXT])


def _store_audio(decoded: Decoded) -> Decoded:
    """Put the audio into a file and its name into the frame; a refold finds it there."""
    try:
        data = b64decode(decoded.audio, validate=True)
    except binascii.Error as error:
        raise NotAudio("The recording is not base64.") from error
    stored = store_bytes(data)
    frame = {**decoded.frame, "stored": {"file": stored.file, "digest": stored.digest}}
    event = decoded.event
    if isinstance(event, RecordingReceived):
        event = structs.replace(
            event, duration_ms=event.duration_ms or stored.duration_ms, sample_rate=event.sample_rate or stored.sample_rate
        )
        event = with_file(event, frame["stored"])
    return structs.replace(decoded, frame=frame, event=event, audio="")


def as_text(frame: Any) -> str:
    """JSON text of any frame, storable in any database."""
    if type(frame) is Raw:
        frame = parse(bytes(frame))
    try:
        return orjson.dumps(frame, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:
        pass  # half a surrogate pair, an integer beyond 64 bits, or nested too deep
    try:
        return json.dumps(frame)
    except (ValueError, RecursionError):
        return f"({type(frame).__name__}, nested too deep to be kept)"


def clean(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
