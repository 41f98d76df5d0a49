"""A text cut into the pieces of a streamed answer: joined again they are the text, letter for letter."""

import re

SHORTEST, LONGEST = 40, 240
# The end of a sentence with the blanks behind it: a stop before a blank, a full-width stop of Chinese or Japanese, a line.
_END = re.compile(r"(?:[.!?\u2026\u061f\u0964]+[^\s\w]*(?=\s|$)|[\u3002\uff01\uff1f]+|\n)\s*")


def pieces_of(text: str) -> list[str]:
    """Sentences, short ones together; a sentence longer than 240 characters is cut, at a blank where it has one."""
    found, begin = [], 0
    for end in (*(match.end() for match in _END.finditer(text)), len(text)):
        if end - begin >= SHORTEST or end == len(text):
            found += _cut(text[begin:end])
            begin = end
    return found


def _cut(text: str) -> list[str]:
    found = []
    while len(text) > LONGEST:
        at = text.rfind(" ", 0, LONGEST) + 1 or LONGEST
        found.append(text[:at])
        text = text[at:]
    return [*found, text] if text else found
