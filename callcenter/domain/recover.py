"""Lines that only the provider's own history has: what was lost in a gap is filled in from the end's record."""

import re
from collections.abc import Iterator

from msgspec import Struct

from callcenter.domain.lines import lines_of, order_of, text_of
from callcenter.domain.state import CallState, Line

_NOISE = re.compile(r"[\W_]+")


class _Heard(Struct):
    """A line of the call by its words, with a blank on both sides. ``cut``: more was to be said than was heard."""

    line: Line
    words: str
    cut: bool
    taken: bool = False


def recovered(state: CallState) -> list[Line]:
    """Lines of ``state.record`` that no line of the call contains, placed after the line before them.

    Equal words are one line for one item, in order. The history also merges and cuts lines, so any other item counts as
    known when its words occur in what is left of what the speaker said, or when lines that are left make up most of it.
    """
    if state.end is None or not state.record:
        return []
    lines = lines_of(state)
    sides: dict[str, list[_Heard]] = {"contact": [], "agent": []}
    for line in lines:
        told = text_of(state, line)
        if words := _plain(told.text):
            sides[_side(line.speaker)].append(_Heard(line, words, told.state in ("interrupted", "aborted", "speaking")))
    items = [(speaker, text, _plain(text)) for speaker, text in state.record]
    equal = _equal(items, sides)
    rest = {side: [heard for heard in all_heard if not heard.taken] for side, all_heard in sides.items()}
    left = {side: "".join(heard.words for heard in some).replace("  ", " ") for side, some in rest.items()}
    found: list[Line] = []
    place = order_of(state, lines[0])[0] - 0.001 if lines else state.began or state.arrived or 0.0
    for index, (speaker, text, words) in enumerate(items):
        if not words:
            continue
        match = equal.get(index) or next(_similar(words, rest[_side(speaker)]), None)
        if match is not None:
            place = max(place, order_of(state, match.line)[0])
        elif words not in left[_side(speaker)]:
            line = Line(key=f"history-{index:05}", speaker=speaker, text=text, at=place, seq=2**40 + index, recovered=True)
            found.append(line)
    return found


def _equal(items: list[tuple[str, str, str]], sides: dict[str, list[_Heard]]) -> dict[int, _Heard]:
    """Number of an item -> the line with exactly its words: the first item takes the first line."""
    waiting: dict[tuple[str, str], list[_Heard]] = {}
    for side, heard in sides.items():
        for one in reversed(heard):
            waiting.setdefault((side, one.words), []).append(one)
    equal = {}
    for index, (speaker, _, words) in enumerate(items):
        if same := waiting.get((_side(speaker), words)):
            equal[index] = same.pop()
            equal[index].taken = True
    return equal


def _similar(words: str, heard: list[_Heard]) -> Iterator[_Heard]:
    """Lines that contain these words, begin them and were cut, or together are at least half of them."""
    inside = [one for one in heard if one.words in words]
    covered = sum(len(one.words) - 1 for one in inside) * 2 >= len(words) - 1
    for one in heard:
        if words in one.words or (one.cut and words.startswith(one.words)) or (covered and one.words in words):
            yield one


def _side(speaker: str) -> str:
    return "contact" if speaker == "contact" else "agent"


def _plain(text: str) -> str:
    """The words alone, in lower case, with a blank around each; "" if there are none."""
    words = _NOISE.sub(" ", text).strip().casefold()
    return f" {words} " if words else ""
