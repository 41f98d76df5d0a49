"""A recording is a file, never part of a stored frame. Contract D6."""

from hashlib import sha256
from typing import Any

from callcenter.providers.pinecall.lifecycle import audio_of

ENVELOPES = ("frame", "data")


def take_audio(frame: Any) -> tuple[Any, str]:
    """The frame with the audio's SHA-256 and length (of the base64 text) in its place, and the audio."""
    if type(frame) is not dict:
        return frame, ""
    kept = dict(frame)
    found = audio_of(kept)
    if found:
        del kept["audio"]
        kept["audio_sha256"], kept["audio_length"] = sha256(found.encode()).hexdigest(), len(found)
    for key in ENVELOPES:
        if type(kept.get(key)) is dict:
            kept[key], inner = take_audio(kept[key])
            found = inner or found
    return kept, found
