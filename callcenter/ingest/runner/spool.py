"""Frames on disk until ingest has committed them: in order, bounded, and with envelopes that stay the same over a restart.

Every frame goes through here, so that a killed runner loses nothing that it took. One folder for each run of the runner: a
runner that was paused and replaced cannot write between the lines of its successor. Written lines survive the death of every
process; the power supply of the machine is not guarded against.
"""

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from msgspec import Struct

from callcenter.ingest.runner.progress import Place, Progress, ProgressFile, Way
from callcenter.ingest.runner.records import MOST_BYTES, MOST_FRAMES, Record, cursor_of, envelope, first_ms, no_record, read_line

SEGMENT = 4 * 1024 * 1024
WORTH_FREEING = 256 * 1024  # an acknowledged segment of so much is not kept to be filled up
WINDOW = 4  # envelopes on their way at once


class NoRoom(Exception):
    """Nothing was written; the text says why, for the administrator."""


class Envelope(Struct, frozen=True):
    id: int
    text: str


class Spool:
    """Used by one task. ``frames``: how many wait. ``cursors``: what lines of it remember, newest value by name.

    ``alone``: no other living process has it open.
    ``say`` takes a sentence for the administrator.
    """

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        """Make the folder, or take over what another run left there. Raises OSError."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder, self.say = folder, say
        self.damaged: set[int] = set()
        self.handle: int | None = None
        self.reader: tuple[int, int] | None = None
        self.frames, self.cursors = 0, dict[str, str]()
        self.file = ProgressFile(folder / "progress")
        self.alone = self.file.lock()
        try:
            self.progress = self.file.read() or Progress(f"runner-{uuid4().hex}")
            self.segments = {int(path.stem): path.stat().st_size for path in folder.glob("*.log")}
            self.writing = max([self.progress.done.segment, *self.segments])
            self.segments.setdefault(self.writing, 0)
            self._recover()
        except BaseException:
            self.close()
            raise
        self.rewind()

    @property
    def waiting(self) -> int:
        """Bytes that are not acknowledged."""
        done = self.progress.done
        return sum(size for segment, size in self.segments.items() if segment >= done.segment) - done.offset

    @property
    def empty(self) -> bool:
        return not self.progress.ways and self._next_place(self.progress.done) == self.end

    @property
    def end(self) -> Place:
        return Place(self.writing, self.segments[self.writing])

    def append(self, line: bytes, frames: int) -> None:
        """Write one line whole or not at all. Raises NoRoom."""
        try:
            if self.segments[self.writing] >= SEGMENT:
                self._turn()
            if self.handle is None:
                path, flags = self._path(self.writing), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC
                self.handle = os.open(path, flags, 0o600)
            start = self.segments[self.writing]
            written = 0
            while written < len(line):
                written += os.pwrite(self.handle, line[written:], start + written)
        except OSError as error:
            with suppress(OSError):  # what was half written is overwritten by the next line
                if self.handle is not None:
                    os.ftruncate(self.handle, self.segments[self.writing])
            raise NoRoom(words_of(error, self.folder.parent)) from error
        self.segments[self.writing] += len(line)
        self.frames += frames

    def rewind(self) -> None:
        """A new socket: what is on its way is sent again first, the same envelopes as before."""
        self.reading = self.progress.done
        self.resend = list(self.progress.ways)

    def next(self) -> Envelope | None:
        """The next envelope for this socket; None = nothing to send, or enough on its way. Raises OSError."""
        if self.resend:
            way = self.resend[0]
            records = list(self._until(self.reading, way.end))
            self.resend.pop(0)  # after the read: what could not be read is still to be sent
            self.reading = way.end
            return Envelope(way.id, envelope(self.progress.stream, way.id, records))
        if len(self.progress.ways) >= WINDOW:
            return None
        start = self._next_place(self.reading)
        records, end = self._take(start)
        if not records:
            return None
        way = Way(self.progress.last + 1, end, sum(record.frames for record in records))
        self.progress.ways.append(way)
        self.progress.last = way.id
        try:
            self.file.write(self.progress)
        except OSError:
            self.progress.ways.pop()
            self.progress.last -= 1
            raise
        self.reading = end
        return Envelope(way.id, envelope(self.progress.stream, way.id, records))

    def acknowledge(self, number: int) -> list[Path]:
        """Ingest has everything up to this envelope; segments of which nothing is needed any more. Raises OSError."""
        ways = self.progress.ways
        while ways and ways[0].id <= number:
            way = ways.pop(0)
            self.frames -= way.frames
            self.progress.done = way.end
        if self.empty:
            self.frames = 0  # those of a damaged line were counted and never left
        if self.empty and self.segments[self.writing] >= WORTH_FREEING:
            self._turn()
            self.progress.done = self.reading = self.end
        self.file.write(self.progress)
        return [self._path(segment) for segment in sorted(self.segments) if segment < self.progress.done.segment]

    def forget(self, path: Path) -> None:
        """Delete a segment that is acknowledged. Raises OSError."""
        path.unlink(missing_ok=True)
        self.segments.pop(int(path.stem), None)

    def oldest_ms(self) -> int | None:
        """When the oldest frame that waits came."""
        start = self._next_place(self.progress.done)
        return None if start == self.end else first_ms(self._read(start, 32))

    def close(self) -> None:
        self._close_handle()
        if self.reader is not None:
            os.close(self.reader[1])
            self.reader = None
        self.file.close()

    def remove(self) -> None:
        """An empty spool leaves nothing."""
        self.close()
        for path in (*self.folder.glob("*.log"), self.folder / "progress"):
            path.unlink(missing_ok=True)
        self.folder.rmdir()

    def _recover(self) -> None:
        """Count what waits, collect cursors; half a line at the end was never accepted."""
        place = self.progress.done
        for segment in [number for number in sorted(self.segments) if number >= place.segment]:
            offset = place.offset if segment == place.segment else 0
            while records := list(self._lines(Place(segment, offset))):
                for record, end in records:
                    self.frames += record.frames
                    self.cursors |= cursor_of(record)
                    offset = end.offset
            self.segments[segment] = offset

    def _take(self, start: Place) -> tuple[list[Record], Place]:
        """Records for one envelope; they never span segments, so that these can go one by one."""
        taken: list[Record] = []
        frames = size = 0
        end = start
        for record, after in self._lines(start):
            if taken and (frames + record.frames > MOST_FRAMES or size + len(record.body) > MOST_BYTES):
                break
            taken.append(record)
            frames, size, end = frames + record.frames, size + len(record.body), after
        return taken, end

    def _until(self, start: Place, end: Place) -> Iterator[Record]:
        place = self._next_place(start)
        while place < end:
            for record, after in self._lines(place):
                if after > end:
                    return
                yield record
                place = after

    def _lines(self, start: Place) -> Iterator[tuple[Record, Place]]:
        """Whole lines of one segment from here on, about an envelope's worth, each with its end."""
        room = self.segments.get(start.segment, 0) - start.offset
        wanted = min(room, MOST_BYTES + 65536)
        data = self._read(start, wanted)
        while b"\n" not in data and len(data) < room:
            wanted = min(room, 2 * wanted)
            data = self._read(start, wanted)
        offset = start.offset
        position = 0
        while (stop := data.find(b"\n", position)) >= 0:
            line = data[position:stop]
            position = stop + 1
            yield self._record(line, start.segment), Place(start.segment, offset + position)

    def _record(self, line: bytes, segment: int) -> Record:
        """A line that was damaged is left out; its file is set aside under a second name, and the lines around it go on."""
        try:
            return read_line(line)
        except ValueError:
            if segment not in self.damaged:
                self.damaged.add(segment)
                aside = self.folder.parent / f"damaged-{self.folder.name}-{segment:08d}"
                with suppress(OSError):
                    aside.hardlink_to(self._path(segment))
                kept = f"the file is kept as {aside}" if aside.exists() else "the file could not be kept"
                self.say(f"Frames on disk were damaged and are left out; {kept}.")
            return no_record()

    def _next_place(self, place: Place) -> Place:
        """The end of a finished segment is the beginning of the next."""
        while place.segment < self.writing and place.offset >= self.segments.get(place.segment, 0):
            place = Place(place.segment + 1, 0)
        return place

    def _read(self, place: Place, length: int) -> bytes:
        if length <= 0:
            return b""
        if self.reader is None or self.reader[0] != place.segment:
            if self.reader is not None:
                os.close(self.reader[1])
                self.reader = None
            self.reader = (place.segment, os.open(self._path(place.segment), os.O_RDONLY | os.O_CLOEXEC))
        return os.pread(self.reader[1], length, place.offset)

    def _path(self, segment: int) -> Path:
        return self.folder / f"{segment:08d}.log"

    def _turn(self) -> None:
        """Go on in a new segment."""
        self._close_handle()
        self.writing += 1
        self.segments[self.writing] = 0

    def _close_handle(self) -> None:
        if self.handle is not None:
            os.close(self.handle)
            self.handle = None


def words_of(error: OSError, folder: Path) -> str:
    """One sentence of what the disk refuses."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"The disk is full: frames wait at the provider until there is room in {folder}."
    return f"Frames cannot be written to {folder} ({error.strerror}): they wait at the provider until this works again."
