"""Faults do what they say and no more: copies, disorder within the window, junk beside the frames."""

import json
from collections import Counter
from random import Random

from callcenter.providers.simulator.faults import Line, Troubles
from callcenter.providers.simulator.frame import Frame, Freedom


def frame(number, freedom=Freedom.LOOSE, scope="CA1"):
    return Frame(json.dumps({"event": "call.held", "n": number}).encode(), scope, True, freedom)


def number(one):
    return json.loads(one.data)["n"]


def sent_through(troubles, frames, step=0.01, seed="line"):
    """The frames as they arrive, each with its time; one is sent every ``step`` seconds."""
    line, arrived = Line(troubles, Random(seed)), []
    for place, one in enumerate(frames):
        line.put(one, place * step)
        arrived += [(place * step, got) for got in line.due(place * step)]
    end = len(frames) * step
    arrived += [(end, got) for got in line.rest()]
    return line, arrived


def test_a_perfect_line_changes_nothing():
    frames = [frame(n) for n in range(100)]
    line, arrived = sent_through(Troubles(), frames)
    assert [one for _, one in arrived] == frames
    assert line.troubles.none


def test_the_share_of_copies_is_kept_and_a_copy_is_the_same_frame():
    frames = [frame(n) for n in range(2000)]
    line, arrived = sent_through(Troubles(duplicates=0.1), frames)
    counts = Counter(number(one) for _, one in arrived)
    assert len(counts) == 2000
    assert 120 < line.copies < 280
    assert sum(counts.values()) == 2000 + line.copies
    assert max(counts.values()) == 2


def test_frames_that_nothing_identifies_are_never_copied():
    line, arrived = sent_through(Troubles(duplicates=1.0), [frame(n, Freedom.ONCE) for n in range(50)])
    assert len(arrived) == 50
    assert line.copies == 0


def test_a_toggle_and_its_copy_arrive_together():
    frames = [frame(n, Freedom.KEPT) for n in range(50)]
    _, arrived = sent_through(Troubles(duplicates=1.0), frames)
    assert [number(one) for _, one in arrived] == [n for n in range(50) for _ in range(2)]


def test_disorder_stays_within_the_window():
    frames = [frame(n) for n in range(500)]
    _, arrived = sent_through(Troubles(reorder=0.2), frames)
    order = [number(one) for _, one in arrived]
    assert order != sorted(order)
    assert sorted(order) == list(range(500))
    assert all(at <= number(one) * 0.01 + 0.2 + 0.011 for at, one in arrived if at < 5.0)


def test_frames_without_number_keep_their_order_within_their_call():
    frames = [frame(n, Freedom.KEPT, f"CA{n % 3}") for n in range(300)]
    _, arrived = sent_through(Troubles(reorder=0.5, duplicates=0.2), frames)
    orders: dict[str, list[int]] = {}
    for _, one in arrived:
        orders.setdefault(one.scope, []).append(number(one))
    assert all(order == sorted(order) for order in orders.values())
    assert [number(one) for _, one in arrived] != sorted(number(one) for _, one in arrived)


def test_junk_comes_beside_the_frames_and_never_instead():
    frames = [frame(n) for n in range(2000)]
    line, arrived = sent_through(Troubles(malformed=0.1), frames)
    whole = [one for _, one in arrived if one in set(frames)]
    assert whole == frames
    wrong = [one for _, one in arrived if one not in set(frames)]
    assert len(wrong) + len(line.texts) == line.junk
    assert 120 < line.junk < 280
    assert line.texts
    assert all(not one.durable for one in wrong)
    kinds = {type(json.loads(one.data)).__name__ for one in wrong}
    assert {"dict", "list", "str", "int", "NoneType"} <= kinds
    assert any(len(one.data) > 50_000 for one in wrong)


def test_what_belongs_to_no_call_is_not_spoiled():
    line, arrived = sent_through(Troubles(malformed=1.0), [frame(n, Freedom.KEPT, "control") for n in range(20)])
    assert len(arrived) == 20
    assert line.junk == 0


def test_the_same_seed_has_the_same_faults():
    troubles, frames = Troubles(0.1, 0.1, 0.1), [frame(n) for n in range(300)]
    assert sent_through(troubles, frames)[1] == sent_through(troubles, frames)[1]
