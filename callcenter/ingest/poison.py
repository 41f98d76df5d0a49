"""A frame that breaks its whole group becomes a dead letter, so that it stops nothing. Design law 2."""

from collections.abc import Callable, Sequence

from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError

from callcenter.ingest.decoding import Item, Metered, Rejected, Taken, as_text
from callcenter.ingest.message import KEPT_TEXT

Frames = Sequence[Item]
# PostgreSQL's classes of what is wrong with the statement itself: bad data, bad syntax, too complex. That a table or a column is not
# there, changed its type, or is not ours to write, or that nothing may be written now, says nothing of the frame.
STATEMENT_STATES = ("22", "42", "54")
UNREADY_STATES = ("25", "42P01", "42703", "42501", "0A000")
STATEMENT_WORDS = ("too large", "too many", "too deep", "too big", "syntax error")
TRIES = 3  # two processes that meet a new call at the same time: one of them loses, and wins the next time


def is_unreachable(error: BaseException) -> bool:
    """Is it the database that takes nothing now (away, read-only, not migrated), and not this statement that it will never take?"""
    if not isinstance(error, DatabaseError | InterfaceError):
        return False
    state = getattr(error.__cause__, "sqlstate", None)
    if state is not None and state.startswith(UNREADY_STATES):
        return True
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    return not (state.startswith(STATEMENT_STATES) if state is not None else any(words in str(error) for words in STATEMENT_WORDS))


def without_poison(frames: Frames, rehearse: Callable[[list[Item]], object]) -> list[Item]:
    """The same frames, those rejected that cannot be stored even alone. Raises what is wrong with the others together.

    ``rehearse`` does the work for some frames and takes it back; it raises what is wrong with them.
    """
    bad = {id(item): error for item, error in _find(list(frames), rehearse)}
    good = [rejected(item, bad[id(item)]) if id(item) in bad else item for item in frames]
    last = _error(good, rehearse)
    if last is not None:
        raise last
    return good


def _find(frames: list[Item], rehearse: Callable[[list[Item]], object]) -> list[tuple[Taken | Metered, Exception]]:
    """By halves: a bad frame among a thousand costs about twenty rehearsals."""
    error = _error(frames, rehearse)
    if error is None or not frames:
        return []
    if len(frames) == 1:
        return [(item, error) for item in frames if not isinstance(item, Rejected)]
    middle = len(frames) // 2
    return _find(frames[:middle], rehearse) + _find(frames[middle:], rehearse)


def _error(frames: list[Item], rehearse: Callable[[list[Item]], object]) -> Exception | None:
    for attempt in range(TRIES):
        try:
            rehearse(frames)
        except Exception as error:
            if is_unreachable(error):
                raise
            if not isinstance(error, IntegrityError) or attempt == TRIES - 1:
                return error
        else:
            return None
    return None


def rejected(item: Item, error: Exception) -> Rejected:
    """Instead of a frame that could not be stored."""
    if isinstance(item, Rejected):
        return item
    text = f"This frame could not be stored: {type(error).__name__}."
    frame = bytes(item.frame).decode() if isinstance(item, Metered) else as_text(item.decoded.frame)
    return Rejected(item.message, item.index, text, frame[:KEPT_TEXT])
