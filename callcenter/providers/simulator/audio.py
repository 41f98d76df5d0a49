"""Audible recordings: two invented voices babbling in vowels, as WAV of 8 kHz, 16 bit, one channel."""

import io
import wave
from collections.abc import Iterable
from functools import cache

import numpy as np
import numpy.typing as npt

from callcenter.providers.simulator.conversation import Turn

RATE = 8000
VOWELS = ((730, 1090, 2440), (530, 1840, 2480), (270, 2290, 3010), (570, 840, 2410), (300, 870, 2240))
PITCH = {"agent": 205.0, "contact": 118.0}
SYLLABLE = 0.19
LOUDEST = 9000.0

Samples = npt.NDArray[np.float64]


@cache
def syllable(speaker: str, vowel: int) -> Samples:
    """One vowel of a voice: harmonics of its pitch, loud where the vowel's formants are."""
    length = int(RATE * SYLLABLE)
    time = np.arange(length) / RATE
    pitch = PITCH[speaker] * (1.0 + 0.05 * np.sin(2 * np.pi * 4.2 * time + vowel))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    voice = np.zeros(length)
    for harmonic in range(1, int(3400 / PITCH[speaker])):
        at = harmonic * PITCH[speaker]
        loudness = sum(1.0 / (1.0 + ((at - formant) / 90.0) ** 2) for formant in VOWELS[vowel])
        voice += (loudness + 0.02) * np.sin(harmonic * phase)
    shaped = voice * np.hanning(length)
    return np.asarray(shaped / np.abs(shaped).max() * LOUDEST)


def recording(turns: Iterable[Turn], seconds: float) -> tuple[bytes, int]:
    """A WAV file of that length and its length in milliseconds: who spoke when babbles then.

    Turns beyond the end are left out; a call in which nobody spoke is a quiet hum.
    """
    samples = int(RATE * seconds)
    hum = 60.0 * np.sin(2 * np.pi * 120.0 * np.arange(samples) / RATE)
    for number, turn in enumerate(turns):
        at, end = int(turn.start * RATE), min(int(turn.end * RATE), samples)
        for position, start in enumerate(range(at, end, int(RATE * SYLLABLE))):
            piece = syllable(turn.speaker, (number * 3 + position * 2 + position // 3) % len(VOWELS))[: end - start]
            hum[start : start + len(piece)] += piece
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(np.clip(hum, -32767, 32767).astype("<i2").tobytes())
    return file.getvalue(), round(samples * 1000 / RATE)
