"""What the transcript says: text, state and order of lines, derived from their facts."""

from msgspec import Struct

from callcenter.domain.state import CallState, Line


class Text(Struct, frozen=True):
    """``text`` is what was said or heard; ``rest`` was announced and is not heard yet."""

    text: str
    rest: str
    state: str  # interim | speaking | final | interrupted | aborted | rejected


def text_of(state: CallState, line: Line) -> Text:
    """The line as people read it now."""
    if line.text is not None:
        return Text(line.text, "", "final")
    if line.message_id and f"reply_rejected:{line.message_id}" in state.notes:
        return Text(line.announced, "", "rejected")
    if line.interrupted:
        return Text(_heard(line), "", "interrupted")
    if line.aborted:
        return Text(_spoken(line), "", "aborted")
    if line.confirmed is not None:
        return Text(line.confirmed, "", "final")
    if line.finished:
        return Text(_played(line), "", "final")
    if line.pieces:
        being = "interim" if line.speaker == "contact" else "speaking"
        return Text(line.pieces, "", being if line.open and not state.completed else "final")
    if state.completed:
        return Text(_spoken(line) or line.announced, "", "interrupted")
    spoken = _spoken(line)
    return Text(spoken, _rest(line), "speaking")


def durable_text(state: CallState, line: Line) -> Text:
    """The same without what is only live: an open line's words are not in the journal yet."""
    text = text_of(state, line)
    if text.state in ("speaking", "interim"):
        return Text("", line.announced, text.state)
    return text


def _spoken(line: Line) -> str:
    return " ".join(line.words[i] for i in sorted(line.words))


def _played(line: Line) -> str:
    """Played to the end: the words, unless some of them are missing."""
    if line.words and len(line.words) >= len(line.announced.split()):
        return _spoken(line)
    return line.announced or _spoken(line)


def _heard(line: Line) -> str:
    """Cut: the first words that were heard, from the words if all are there, else from what was announced."""
    if line.heard is None:
        return _spoken(line) or line.announced
    announced = line.announced.split()
    if all(i in line.words for i in range(line.heard)) or len(announced) < line.heard:
        return " ".join(line.words[i] for i in sorted(line.words) if i < line.heard)
    return " ".join(announced[: line.heard])


def _rest(line: Line) -> str:
    """What is announced beyond the words heard so far."""
    return " ".join(line.announced.split()[len(line.words) :])


def order_of(line: Line) -> tuple[float, int, int, str]:
    """Reading order: the provider's time, else arrival; then sequence; then arrival number."""
    if line.at is not None:
        return (line.at, line.seq, 0, line.key)
    return (line.arrived, 0, line.n, line.key)


def durable_lines(state: CallState) -> list[Line]:
    """The lines that stand in the journal, in reading order."""
    return sorted((line for line in state.lines.values() if line.durable), key=order_of)
