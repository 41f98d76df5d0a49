"""The outbox: numbered batches, a bounded number on their way, the same bytes when sent again."""

import json

from callcenter.providers.simulator.frame import Frame, Freedom
from callcenter.providers.simulator.outbox import MOST_FRAMES, Outbox


def frame(n, durable=True, size=0):
    return Frame(json.dumps({"event": "x", "n": n, "pad": "y" * size}).encode(), "CA1", durable, Freedom.LOOSE)


def filled(count, **more):
    outbox = Outbox("s", **more)
    for n in range(count):
        outbox.put(frame(n))
    return outbox


def sent(outbox):
    """The next envelope, which must be there."""
    envelope = outbox.next()
    assert envelope is not None
    return envelope


def test_an_envelope_holds_what_waits_and_has_a_rising_number():
    outbox = filled(3)
    first = outbox.next()
    assert json.loads(first.message) == {"stream": "s", "id": 1, "frames": [json.loads(frame(n).data) for n in range(3)]}
    assert outbox.next() is None
    outbox.put(frame(9))
    assert sent(outbox).id == 2


def test_a_greeting_goes_before_what_waits():
    outbox = filled(2)
    outbox.put_first([frame(8), frame(9)])
    assert [json.loads(one.data)["n"] for one in sent(outbox).frames] == [8, 9, 0, 1]


def test_no_more_than_the_window_is_on_its_way():
    outbox = Outbox("s", window=2)
    for n in range(2):
        outbox.put(frame(n))
        assert outbox.next() is not None
    outbox.put(frame(3))
    assert not outbox.may_send
    assert outbox.next() is None
    outbox.acknowledge({"ack": 1, "accepted": 1, "duplicates": 0, "rejected": []})
    assert sent(outbox).id == 3


def test_envelopes_stay_below_the_limits_of_the_console():
    outbox = filled(MOST_FRAMES + 10)
    assert len(sent(outbox).frames) == MOST_FRAMES
    big = Outbox("s")
    for n in range(5):
        big.put(frame(n, size=900_000))
    assert len(sent(big).frames) == 2
    huge = Outbox("s")
    huge.put(frame(1, size=3_000_000))
    assert len(sent(huge).frames) == 1


def test_what_is_not_acknowledged_is_there_to_be_sent_again():
    outbox = filled(2)
    envelope = outbox.next()
    assert list(outbox.unacknowledged.values()) == [envelope]
    assert not outbox.empty
    done = outbox.acknowledge({"ack": 1, "accepted": 1, "duplicates": 1, "rejected": [{"index": 0, "error": "no"}]})
    assert done.envelope is envelope
    assert done.rejected == [{"index": 0, "error": "no"}]
    assert outbox.empty
    assert (outbox.tally.durable_acknowledged, outbox.tally.rejected, outbox.tally.duplicates) == (2, 1, 1)


def test_strange_answers_are_nobodys():
    outbox = filled(1)
    outbox.next()
    for answer in ({}, {"ack": 7}, {"ack": "1"}, {"ack": None}, {"error": "x"}):
        assert outbox.acknowledge(answer) is None
    assert not outbox.empty


def test_an_envelope_that_is_refused_is_not_sent_for_ever():
    outbox = filled(1)
    outbox.next()
    assert outbox.acknowledge({"ack": 1, "error": "too_large"}) is None
    assert outbox.empty
    assert outbox.tally.refused_envelopes == 1
    assert outbox.tally.durable_acknowledged == 0


def test_only_ephemeral_frames_are_dropped_when_too_many_wait():
    outbox = filled(10, shed_at=5)
    outbox.put(frame(11, durable=False))
    assert len(outbox.waiting) == 10
    assert outbox.tally.shed == 1
