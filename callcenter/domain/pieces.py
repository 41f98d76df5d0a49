"""Pieces of a streamed reply put together. With sequences they make one text in any order; without, as they arrive."""

from collections.abc import Mapping

from callcenter.domain.state import Saying

LONG_PIECE = 4  # characters: an equal neighbour this long is a copy, a shorter one may be "0" after "0"


def add_piece(saying: Saying, piece: str, seq: int) -> None:
    """One more piece; ``seq`` 0 = it carries none. One without puts this reply in order of arrival for good."""
    if not seq or (saying.pieces and not saying.parts):
        saying.parts = {}
        grow(saying, piece)
    elif seq not in saying.parts:
        is_late = any(other > seq for other in saying.parts)
        saying.parts[seq] = piece
        if is_late:
            rejoin(saying)
        else:
            grow(saying, piece)


def rejoin(saying: Saying) -> None:
    """Its text anew from its numbered parts."""
    saying.pieces, saying.replayed, saying.last_piece = joined(saying.parts), None, saying.parts[max(saying.parts)]


def joined(parts: Mapping[int, str]) -> str:
    """The text of numbered pieces."""
    whole = Saying("", "", "", arrived=0.0, n=0)
    for seq in sorted(parts):
        grow(whole, parts[seq])
    return whole.pieces


def grow(saying: Saying, piece: str) -> None:
    """Add a piece that carries no number: a delta, the cumulative text, or a repetition of either.

    A repetition from the start is followed until it has caught up; a capitalised piece goes before text that begins with a space.
    """
    text = saying.pieces
    if piece.startswith(text):
        saying.pieces, saying.replayed = piece, None
    elif len(piece) > 1 and text.startswith(piece):
        saying.replayed = len(piece)
    elif saying.replayed is not None and saying.replayed < len(text) and text.startswith(piece, saying.replayed):
        saying.replayed += len(piece)
    elif text[:1].isspace() and piece[:1].isupper():
        saying.pieces, saying.replayed = piece + text, None
    elif not (piece == saying.last_piece and len(piece) >= LONG_PIECE):
        saying.pieces, saying.replayed = text + piece, None
    saying.last_piece = piece
