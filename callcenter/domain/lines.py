"""What the transcript says: text, state and order of lines, derived from their facts."""

from collections.abc import Iterable

from msgspec import Struct

from callcenter.domain.sequence import stamp_in, time_in
from callcenter.domain.state import CallState, Line, Saying

SAME_TEXT_S = 2.0

Order = tuple[float, int, int, str]  # epoch s, sequence, arrival number, key
NEVER: Order = (float("-inf"), 0, 0, "")


class Text(Struct, frozen=True):
    """``text`` is what was said or heard; ``rest`` was announced and is not heard yet."""

    text: str
    rest: str
    state: str  # interim | speaking | final | interrupted | aborted | rejected


class Waiting(Struct, frozen=True):
    """``answered``: how far the last words of anybody but the contact reach; ``since``: arrival of the contact's first beyond, epoch s."""

    answered: Order = NEVER
    since: float | None = None


def text_of(state: CallState, line: Line) -> Text:
    """The line as its row shows it: by the journal alone."""
    if line.text is not None:
        return Text(line.text, "", "final")
    if line.message_id and f"reply_rejected:{line.message_id}" in state.notes:
        return Text(line.announced, "", "rejected")
    if line.interrupted:
        return Text(_heard(line), "", "interrupted")
    if line.aborted:
        return Text(_spoken(line.words), "", "aborted")
    return _uncut(state, line)


def _uncut(state: CallState, line: Line) -> Text:
    if line.confirmed is not None:
        return Text(line.confirmed, "", "final")
    if line.finished:
        return Text(_played(line), "", "final")
    if line.pieces:
        return Text(line.pieces, "", "final")
    if state.completed:
        return Text(_spoken(line.words) or line.announced, "", "interrupted")
    return Text(_spoken(line.words), _rest(line.announced, line.words), "speaking")


def live_text(state: CallState, saying: Saying) -> Text | None:
    """The line as it is being said, None when the journal knows better by now."""
    line = state.lines.get(saying.key)
    if saying.pieces:
        being = "interim" if saying.speaker == "contact" else "speaking"
        is_known = line is not None and (line.text is not None or line.pieces == saying.pieces)
        return None if is_known else Text(saying.pieces, "", being)
    if not saying.words or (line is not None and not line.open):
        return None
    words = {**saying.words, **line.words} if line is not None else saying.words
    return Text(_spoken(words), _rest(line.announced, words) if line is not None else "", "speaking")


def _spoken(words: dict[int, str]) -> str:
    return " ".join(words[i] for i in sorted(words))


def _played(line: Line) -> str:
    """Played to the end: the words, unless some of them are missing."""
    if line.words and len(line.words) >= len(line.announced.split()):
        return _spoken(line.words)
    return line.announced or _spoken(line.words)


def _heard(line: Line) -> str:
    """Cut: the first words that were heard, from the words if all are there, else from what was announced."""
    if line.heard is None:
        return _spoken(line.words) or line.announced
    announced = line.announced.split()
    if all(i in line.words for i in range(line.heard)) or len(announced) < line.heard:
        return " ".join(line.words[i] for i in sorted(line.words) if i < line.heard)
    return " ".join(announced[: line.heard])


def _rest(announced: str, words: dict[int, str]) -> str:
    """What is announced beyond the words heard so far."""
    return " ".join(announced.split()[len(words) :])


def order_of(state: CallState, line: Line | Saying) -> Order:
    """Reading order: the provider's time, else arrival, brought in line with the sequence; then sequence; then arrival number."""
    time = line.at
    if time is None:
        time = time_in(state.arrivals, line.seq, line.arrived) if line.seq else line.arrived
    return (time, line.seq, line.n, line.key)


def lines_of(state: CallState) -> list[Line]:
    """The lines of the transcript in reading order."""
    said: dict[tuple[str, str | None], float] = {}
    lines = []
    for line in sorted(state.lines.values(), key=lambda line: order_of(state, line)):
        if not says_something(line):
            continue
        if line.loose and line.at is not None:
            if line.at - said.get((line.speaker, line.text), float("-inf")) <= SAME_TEXT_S:
                continue
            said[line.speaker, line.text] = line.at
        lines.append(line)
    return lines


def says_something(line: Line) -> bool:
    """An end of an utterance that nobody announced, heard or confirmed says nothing."""
    known = line.begun or line.text is not None or line.confirmed is not None
    return bool(known or line.announced or line.words or line.pieces)


def last_said(state: CallState, lines: Iterable[Line]) -> Line | None:
    """Of these lines the last one in reading order that a row of the call can quote."""
    return max((line for line in lines if is_quotable(state, line)), key=lambda line: order_of(state, line), default=None)


def waiting(state: CallState, last: Line | None) -> Waiting:
    """Since when the contact waits; for nothing if ``last`` is not theirs."""
    answered = _answered(state)
    if last is None or last.speaker != "contact":
        return Waiting(answered)
    return Waiting(answered, min((line.arrived for line in state.lines.values() if _asks(state, line, answered)), default=None))


def still_waiting(state: CallState, last: Line | None, before: Waiting) -> Waiting:
    """The same from how it was before some lines were touched: more words at the end of a call need no look at all its lines."""
    touched = [line for key in state.touched if (line := state.lines.get(key)) is not None]
    theirs = [line for line in touched if line.speaker == "contact"]
    reached = max((_reach(state, line) for line in touched if line.speaker != "contact" and is_quotable(state, line)), default=NEVER)
    answered = max(before.answered, reached)
    if reached < answered and answered[3] in state.touched:  # it was taken back
        return waiting(state, last)
    if last is None or answered > order_of(state, last):
        return Waiting(answered)
    if answered > before.answered or not all(_asks(state, line, answered) for line in theirs):
        return waiting(state, last)
    since = [line.arrived for line in theirs] + ([] if before.since is None else [before.since])
    return Waiting(answered, min(since, default=None))


def _answered(state: CallState) -> Order:
    """How far the last words of anybody but the contact reach."""
    answered = NEVER
    for line in reversed(state.lines.values()):  # the newest first: of most others their times are enough
        if line.speaker == "contact" or max(_time(line), line.ended.time if line.ended else 0.0) < answered[0]:
            continue
        place = _reach(state, line)
        if place > answered and is_quotable(state, line):
            answered = place
    return answered


def _asks(state: CallState, line: Line, answered: Order) -> bool:
    """Are these the contact's words, and beyond the answer?"""
    if line.speaker != "contact" or _time(line) < answered[0]:
        return False
    return order_of(state, line) > answered and is_quotable(state, line)


def _time(line: Line) -> float:
    """Epoch s before or at which it began."""
    return line.at if line.at is not None else line.arrived


def _reach(state: CallState, line: Line) -> Order:
    """Where an answer ends: what the contact says in the middle of it waits for nothing. One that was cut answers what came before it."""
    end = line.ended
    if end is None or line.interrupted or line.aborted:
        return order_of(state, line)
    return max(order_of(state, line), (stamp_in(state.arrivals, end), end.seq, end.n, line.key))


def quote(state: CallState, line: Line | None) -> tuple[str, str]:
    """Who said it, and what, for one row."""
    if line is None:
        return "", ""
    text = text_of(state, line)
    shown = text.text or text.rest
    return line.speaker, shown[:500] if shown and text.state != "rejected" else f"[{line.kind}]"


def is_quotable(state: CallState, line: Line) -> bool:
    if not says_something(line):
        return False
    text = text_of(state, line)
    return bool((text.text or text.rest) and text.state != "rejected") or line.kind != "text"
