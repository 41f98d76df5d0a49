"""Recordings as files, named by what is in them: storing the same audio twice gives the same file."""

import hashlib
import wave
from collections.abc import Iterable
from io import SEEK_END, BytesIO
from tempfile import TemporaryFile

from django.core.files import File
from django.core.files.storage import default_storage
from msgspec import Struct

MAX_INTEGER = 2**31 - 1


class NotAudio(ValueError):
    """The bytes are no WAV file."""


class StoredAudio(Struct, frozen=True):
    """``file`` is its name in the default storage, ``digest`` the SHA-256 of its bytes."""

    file: str
    digest: str
    duration_ms: int
    sample_rate: int


def store_bytes(data: bytes) -> StoredAudio:
    """Store audio that is in memory."""
    return store_chunks([data])


def store_chunks(chunks: Iterable[bytes]) -> StoredAudio:
    """Stream audio to disk, look at it, then give it its name. Raises NotAudio."""
    digest = hashlib.sha256()
    with TemporaryFile() as spool:
        for chunk in chunks:
            digest.update(chunk)
            spool.write(chunk)
        spool.seek(0)
        if spool.read(4) != b"RIFF":
            raise NotAudio("The recording does not begin with RIFF: it is no WAV file.")
        spool.seek(0)
        head = spool.read(65536)
        duration_ms, sample_rate = _measure(head, spool.seek(0, SEEK_END))
        name = f"recordings/{digest.hexdigest()[:2]}/{digest.hexdigest()}.wav"
        if not default_storage.exists(name):
            spool.seek(0)
            name = default_storage.save(name, File(spool))
    return StoredAudio(name, digest.hexdigest(), duration_ms, sample_rate)


def _measure(head: bytes, size: int) -> tuple[int, int]:
    """Length and rate by the header, no longer than ``size`` bytes can be; zeros when it is not plain PCM."""
    try:
        with wave.open(BytesIO(head)) as sound:
            frames = min(sound.getnframes(), size // max(1, sound.getsampwidth() * sound.getnchannels()))
            rate = sound.getframerate()
            return min(round(frames * 1000 / max(1, rate)), MAX_INTEGER), min(rate, MAX_INTEGER)
    except (wave.Error, EOFError):
        return 0, 0
