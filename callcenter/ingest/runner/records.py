"""Lines of a spool: ``<epoch ms> <number of frames> <JSON>``. A line with frames holds their array, one with a cursor an object."""

import json
from collections.abc import Iterable, Iterator, Sequence

import msgspec
import orjson
from msgspec import Struct

MOST_FRAMES = 500  # in one line, and in one envelope
MOST_BYTES = 1024 * 1024


class Record(Struct, frozen=True):
    """``body`` of frames is without its brackets."""

    ms: int
    frames: int
    body: bytes


def lines_of(frames: Sequence[object], ms: int) -> Iterator[bytes]:
    """Lines that fit into an envelope each; a frame that is larger stands alone."""
    held: list[bytes] = []
    size = 0
    for frame in frames:
        text = as_json(frame)
        if held and (len(held) >= MOST_FRAMES or size + len(text) > MOST_BYTES):
            yield _line(ms, held)
            held, size = [], 0
        held.append(text)
        size += len(text) + 1
    if held:
        yield _line(ms, held)


def no_record() -> Record:
    """In the place of a line that cannot be read."""
    return Record(0, 0, b"{}")


def cursor_line(name: str, value: str, ms: int) -> bytes:
    return b"%d 0 %s\n" % (ms, msgspec.json.encode({name: value}))


def read_line(line: bytes) -> Record:
    """``line`` without its end. Raises ValueError when nobody wrote it so."""
    ms, frames, body = line.split(b" ", 2)
    record = Record(int(ms), int(frames), body[1:-1] if int(frames) else body)
    if record.frames:
        body.decode()
        if record.frames < 0 or not body.startswith(b"[") or not body.endswith(b"]"):
            raise ValueError("no array of frames")
    else:
        cursor_of(record)
    return record


def cursor_of(record: Record) -> dict[str, str]:
    return {} if record.frames else msgspec.json.decode(record.body, type=dict[str, str])


def envelope(stream: str, number: int, records: Iterable[Record]) -> str:
    bodies = b",".join(record.body for record in records if record.frames)
    return '{"stream":"%s","id":%d,"frames":[%s]}' % (stream, number, bodies.decode())  # noqa: UP031  (braces all over)


def as_json(frame: object) -> bytes:
    """One line, whatever a client took from its provider. What JSON does not know is written as text."""
    try:
        return orjson.dumps(frame)
    except (TypeError, ValueError):
        return json.dumps(frame, default=str, skipkeys=True).encode()


def first_ms(start: bytes) -> int | None:
    """The time of the line that begins here."""
    word = start.split(b" ", 1)[0]
    return int(word) if word.isdigit() else None


def _line(ms: int, frames: list[bytes]) -> bytes:
    return b"%d %d [%s]\n" % (ms, len(frames), b",".join(frames))
