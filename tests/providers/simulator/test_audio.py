"""Recordings that can be heard."""

import io
import wave

import numpy as np

from callcenter.providers.simulator.audio import recording
from callcenter.providers.simulator.conversation import Turn


def samples(audio):
    with wave.open(io.BytesIO(audio)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)


def loudness(heard, start, end):
    return float(np.sqrt(np.mean(heard[int(start * 8000) : int(end * 8000)] ** 2)))


def test_who_speaks_is_heard_and_silence_is_quiet():
    audio, milliseconds = recording([Turn("agent", 0.5, 2.0), Turn("contact", 3.0, 4.0)], 5.0)
    heard = samples(audio)
    assert milliseconds == 5000
    assert len(heard) == 40_000
    assert loudness(heard, 0.5, 2.0) > 1000
    assert loudness(heard, 3.0, 4.0) > 1000
    assert loudness(heard, 2.1, 2.9) < 100


def test_turns_beyond_the_end_are_left_out():
    audio, milliseconds = recording([Turn("agent", 0.9, 3.0), Turn("contact", 9.0, 12.0)], 1.0)
    assert milliseconds == 1000
    assert len(samples(audio)) == 8000


def test_the_two_voices_differ():
    agent, contact = (samples(recording([Turn(who, 0.0, 1.0)], 1.0)[0]) for who in ("agent", "contact"))
    assert abs(agent - contact).max() > 1000
