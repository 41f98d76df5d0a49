"""What the benchmarks call lost: a floor shows the last line of a call, a call page all of them."""

from bench.browsers import Board, Browser, floor_view


def looking(view: dict[str, object], *shown: int) -> Browser:
    """Probes 1, 2 and 3 are of one call, 4 and 5 of another; the browser had those that are ``shown``."""
    board = Board()
    board.sent = dict.fromkeys(range(1, 6), 0.0)
    board.calls = {1: "one", 2: "one", 3: "one", 4: "other", 5: "other"}
    browser = Browser(view, board)
    for probe in shown:
        browser.hear(b'{"content":"<b>probe-%d-</b>"}' % probe)
    return browser


def test_on_a_floor_a_newer_probe_of_the_same_call_stands_for_an_older_one() -> None:
    assert looking(floor_view(), 1, 3, 5).unshown() == (0, 2)


def test_a_floor_that_never_had_the_last_probe_of_a_call_lost_it() -> None:
    assert looking(floor_view(), 1, 3, 4).unshown() == (1, 1)


def test_a_call_page_must_have_every_probe_of_its_own_call_and_none_of_others() -> None:
    page: dict[str, object] = {"screen": "call", "call": "one"}
    assert looking(page, 1, 2, 3).unshown() == (0, 0)
    assert looking(page, 1, 3).unshown() == (1, 0)
