"""How long people and machines take: words, pauses, typing. Everything in seconds of the story."""

from collections.abc import Iterator
from random import Random
from typing import NamedTuple

SLOWEST, FASTEST = 2.5, 4.0
WORD_GAP = 0.03


class Word(NamedTuple):
    """One spoken word: its place from 0, text, and when it begins and ends inside the utterance."""

    place: int
    text: str
    start: float
    end: float


def pace(rng: Random) -> float:
    """How fast somebody speaks, in words a second."""
    return round(rng.uniform(SLOWEST + 0.2, FASTEST - 0.2), 2)


def spoken(text: str, rate: float) -> list[Word]:
    """The words of a text with their times; long words take longer, the mean is ``rate``.

    A text of n words lasts n / rate seconds, so the rate holds for every utterance.
    """
    words = text.split()
    if not words:
        return []
    weights = [3 + min(len(word), 12) + (3 if word[-1] in ".,;:?!" else 0) for word in words]
    unit = len(words) / rate / sum(weights)
    spoken_words, at = [], 0.0
    for index, (word, weight) in enumerate(zip(words, weights, strict=True)):
        end = at + weight * unit
        spoken_words.append(Word(index, word, round(at, 3), round(end - WORD_GAP, 3)))
        at = end
    return spoken_words


def growing(text: str, rng: Random) -> Iterator[str]:
    """Interim hearings of an utterance: ever longer beginnings, never the whole of it."""
    words = text.split()
    heard = 0
    while True:
        heard += rng.randint(1, 3)
        if heard >= len(words):
            return
        yield " ".join(words[:heard])


def thinking(rng: Random) -> float:
    """The pause before the agent answers."""
    return round(rng.uniform(0.35, 1.1), 3)


def reaction(rng: Random) -> float:
    """The pause before a person answers."""
    return round(rng.uniform(0.3, 1.6), 3)


def typing(text: str, rng: Random) -> float:
    """How long somebody types a text on a phone."""
    return round(1.5 + len(text) / rng.uniform(7.0, 14.0), 3)


def reading(text: str, rng: Random) -> float:
    """How long somebody takes to read a text before answering."""
    return round(1.0 + len(text) / rng.uniform(18.0, 35.0), 3)
