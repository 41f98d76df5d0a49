"""A streamed answer's pieces: together they are the text, letter for letter."""

from hypothesis import example, given
from hypothesis import strategies as st

from callcenter.domain.commands.order import Order, Verb
from callcenter.providers.pinecall.encode import encode
from callcenter.providers.pinecall.pieces import LONGEST, pieces_of


@given(st.text(alphabet=st.sampled_from('aé.!?\n 。’"3,'), max_size=700) | st.text(max_size=700))
@example("")
@example("." * 1000)
@example("a" * 1000)
def test_no_letter_is_lost_and_no_piece_is_empty_or_too_long(text: str) -> None:
    pieces = pieces_of(text)
    assert "".join(pieces) == text
    assert all(0 < len(piece) <= LONGEST for piece in pieces)


def test_a_sentence_is_a_piece_short_ones_go_together_and_figures_stay_whole() -> None:
    text = "Good morning. It is Petra. The first one costs 3.50 and is here by noon! The second one, I am sorry to say, is sold out."
    assert pieces_of(text) == [
        "Good morning. It is Petra. The first one costs 3.50 and is here by noon! ",
        "The second one, I am sorry to say, is sold out.",
    ]


def test_the_longest_text_is_some_dozens_of_frames() -> None:
    order = Order(verb=Verb.SAY_IN_PIECES, call="CA1", message_id="msg_1", text="Ja. " * 1024)
    assert len(encode(order)) < 110
