"""How far a spool is acknowledged and which envelopes are on their way: one small record, overwritten in place.

Its room is taken when the file is made, so that it can be written on a full disk too. Two slots: the newest whole one counts.
"""

import fcntl
import os
from pathlib import Path
from zlib import crc32

import msgspec
from msgspec import Struct, field

SLOT = 4096


class Place(Struct, frozen=True, order=True):
    """A byte in the segments of a spool."""

    segment: int = 1
    offset: int = 0


class Way(Struct, frozen=True):
    """An envelope on its way: where it ends, and how many frames it holds."""

    id: int
    end: Place
    frames: int


class Progress(Struct):
    """``done``: everything before it is acknowledged. ``last``: the id of the last envelope that was ever made."""

    stream: str
    write: int = 0
    done: Place = Place()
    last: int = 0
    ways: list[Way] = field(default_factory=list)


class ProgressFile:
    def __init__(self, path: Path) -> None:
        self.file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(self.file).st_size < 2 * SLOT:
                os.pwrite(self.file, bytes(2 * SLOT), 0)
        except OSError:
            self.close()
            raise

    def read(self) -> Progress | None:
        """None when nothing whole was ever written."""
        return newest(os.pread(self.file, 2 * SLOT, 0))

    def lock(self) -> bool:
        """Whether no living process has it, as far as the disk can tell. It is let go when the file is closed, and with the process."""
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # a disk without locks
            return True
        return True

    def write(self, progress: Progress) -> None:
        """Raises OSError."""
        progress.write += 1
        body = msgspec.json.encode(progress)
        slot = b"%08x%s" % (crc32(body), body)
        os.pwrite(self.file, slot.ljust(SLOT), progress.write % 2 * SLOT)

    def close(self) -> None:
        os.close(self.file)


def newest(data: bytes) -> Progress | None:
    """Of the two slots of such a file."""
    found = [progress for slot in (data[:SLOT], data[SLOT:]) if (progress := _open(slot)) is not None]
    return max(found, key=lambda progress: progress.write, default=None)


def _open(slot: bytes) -> Progress | None:
    body = slot[8:].rstrip(b" \0")
    try:
        return msgspec.json.decode(body, type=Progress) if int(slot[:8], 16) == crc32(body) else None
    except ValueError:  # msgspec's DecodeError is one too
        return None
