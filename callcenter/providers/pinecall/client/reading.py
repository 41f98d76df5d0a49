"""From the text of a message to frames that can be handed on safely. What is no JSON object is nobody's frame."""

import re
from typing import Any

import msgspec

from callcenter.providers.client import Json
from callcenter.providers.pinecall.client.words import Hider

DEEPEST = 100
# A whole quoted text, so that the brackets inside it do not count, or one bracket.
BRACKETS = re.compile(r'"(?:[^"\\]++|\\.)*+"|[\[\]{}]', re.DOTALL)
Unreadable = (msgspec.DecodeError, RecursionError, UnicodeError)


def frames_of(message: str | bytes, hide: Hider) -> list[Json]:
    """The objects of one message, alone or in an array; empty when there are none. Secrets that it repeats are hidden."""
    try:
        text = message if isinstance(message, str) else message.decode()
        if _too_deep(text):
            return []
        found = msgspec.json.decode(hide(text))
    except Unreadable:
        return []
    if type(found) is dict:
        return [found]
    return [item for item in found if type(item) is dict] if type(found) is list else []


def object_of(text: str | bytes) -> Json:
    """A JSON object, or an empty one."""
    try:
        found: Any = msgspec.json.decode(text)
    except Unreadable:
        return {}
    return found if type(found) is dict else {}


def word(frame: Json, *keys: str) -> str:
    """The first of these fields that is a text with something in it."""
    for key in keys:
        value = frame.get(key)
        if type(value) is str and value:
            return value
    return ""


def _too_deep(text: str) -> bool:
    """More levels than a later reader could follow. A recording's text is long, so brackets are counted first."""
    if text.count("[") + text.count("{") <= DEEPEST:
        return False
    depth = 0
    for piece in BRACKETS.finditer(text):
        char = piece.group()[0]
        depth += (char in "[{") - (char in "]}")
        if depth > DEEPEST:
            return True
    return False
