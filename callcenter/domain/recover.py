"""Lines that only the provider's own history has: what was lost in a gap is filled in from the end's record."""

import re

from callcenter.domain.lines import lines_of, order_of, text_of
from callcenter.domain.state import CallState, Line

_NOISE = re.compile(r"[\W_]+")


def recovered(state: CallState) -> list[Line]:
    """Lines of ``state.record`` that no line of the call contains, placed after the line before them.

    The history merges and cuts lines, so an item counts as known when its words occur in what the speaker said, or contain it.
    """
    if state.end is None or not state.record:
        return []
    lines = lines_of(state)
    said: dict[str, str] = {}
    texts: dict[str, list[tuple[str, Line]]] = {}
    for line in lines:
        side = _side(line.speaker)
        words = _plain(text_of(state, line).text)
        said[side] = f"{said.get(side, '')} {words}"
        texts.setdefault(side, []).append((words, line))
    found: list[Line] = []
    place = order_of(state, lines[0])[0] - 0.001 if lines else state.began or state.arrived or 0.0
    for index, (speaker, text) in enumerate(state.record):
        words = _plain(text)
        if not words:
            continue
        match = next((line for known, line in texts.get(speaker, []) if known and (known in words or words in known)), None)
        if match is not None:
            place = max(place, order_of(state, match)[0])
        elif words not in said.get(speaker, ""):
            line = Line(key=f"history-{index:05}", speaker=speaker, text=text, at=place, seq=2**40 + index, recovered=True)
            found.append(line)
    return found


def _side(speaker: str) -> str:
    return "contact" if speaker == "contact" else "agent"


def _plain(text: str) -> str:
    return _NOISE.sub(" ", text).strip().casefold()
