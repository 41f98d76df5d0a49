"""Server-sent events out of pieces of bytes, as they come off the line."""

import codecs
import re

from msgspec import Struct

LONGEST = 8 * 1024 * 1024
LINE_END = re.compile(r"\r\n|\n|\r")


class TooLong(Exception):
    """An event without an end."""


class ServerEvent(Struct, frozen=True):
    """``name`` "" = the stream did not say."""

    name: str
    data: str


class Parser:
    """Comments are signs of life only: whoever feeds the bytes has heard them."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._pieces: list[str] = []
        self._size = 0
        self._name = ""
        self._data: list[str] = []
        self._data_size = 0

    def feed(self, piece: bytes) -> list[ServerEvent]:
        """The events that this piece completes. Raises TooLong."""
        text = self._decoder.decode(piece)
        self._pieces.append(text)
        self._size += len(text)
        if self._size + self._data_size > LONGEST:
            raise TooLong
        if not LINE_END.search(text):
            return []
        whole = "".join(self._pieces)
        # A CR at the very end may be half of a CRLF.
        held = "\r" if whole.endswith("\r") else ""
        *lines, rest = LINE_END.split(whole[: len(whole) - len(held)])
        self._pieces = [rest + held]
        self._size = len(rest) + len(held)
        return [event for line in lines if (event := self._line(line)) is not None]

    def _line(self, line: str) -> ServerEvent | None:
        if not line:
            return self._dispatch()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            self._name = value
        elif field == "data":
            self._data.append(value)
            self._data_size += len(value)
        return None

    def _dispatch(self) -> ServerEvent | None:
        name, data = self._name, self._data
        self._name, self._data, self._data_size = "", [], 0
        return ServerEvent(name, "\n".join(data)) if data else None
