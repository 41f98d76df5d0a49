"""The wire sample and the stream sample tell the same stories: what both carry is read as equal events."""

from collections import Counter
from typing import Any

from callcenter.domain.decoded import Decoded
from callcenter.domain.events.base import Event
from callcenter.domain.events.work import Noted
from callcenter.providers.decode import decode
from tests.providers.contract import sample

WIRE = [decode("pinecall", frame) for frame in sample("pinecall-wire")]
STREAM = [decode("pinecall", frame) for frame in sample("pinecall-stream")]


def fields(event: Event) -> dict[str, Any]:
    """What the event says. Absent and empty are the same: the stream leaves out much that the wire carries."""
    said = {name: value for name in event.__struct_fields__ if (value := getattr(event, name)) not in ("", None, (), {})}
    if isinstance(event, Noted):  # a stream has no seq to tell two of a kind apart
        said["key"] = event.key.split(":")[0]
    return said


def agree(one: Event, other: Event) -> bool:
    """The same kind of fact, and no field on which both have something to say and differ."""
    mine, theirs = fields(one), fields(other)
    return type(one) is type(other) and all(mine[key] == theirs[key] for key in mine.keys() & theirs.keys())


def alone(these: list[Decoded], those: list[Decoded]) -> Counter[str]:
    """Names of the events of one sample that have no partner in the other."""
    left = [decoded.event for decoded in those if decoded.event is not None]
    missing: Counter[str] = Counter()
    for decoded in these:
        if decoded.event is None:
            continue
        partner = next((event for event in left if agree(decoded.event, event)), None)
        if partner is None:
            missing[decoded.name] += 1
        else:
            left.remove(partner)
    return missing


def test_every_fact_of_the_wire_is_in_the_stream_except_what_no_stream_carries() -> None:
    assert alone(WIRE, STREAM) == {
        "call.preparing": 2,
        "history.updated": 1,  # an answer to a command
        "session.configured": 1,  # another
        "barge_in": 1,
        "call.error": 1,
        "call.updated": 1,
        "call.started": 1,  # of the phone line
        "call.route_failed": 1,
        "call.routed": 1,
        "message.confirmed": 1,  # the late duplicate
        "error": 1,
        "agent.displaced": 1,
    }


def test_every_fact_of_the_stream_is_on_the_wire_except_what_the_sdk_makes_up() -> None:
    assert alone(STREAM, WIRE) == {"connected": 1, "call.ended": 1, "call.error": 1}


def test_both_samples_have_exactly_one_unknown_event() -> None:
    for decoded in (WIRE, STREAM):
        assert [one.name for one in decoded if not one.known] == ["qa.flagged"]


def test_an_unknown_event_is_kept_raw_with_its_call() -> None:
    flagged = next(one for one in WIRE if not one.known)
    assert (flagged.event, flagged.durable, flagged.identified) == (None, True, True)
    assert flagged.call == "e07c2f4a-51d8-4b9e-8a36-c1f0d7b29e43"
    assert flagged.frame["rule"] == "closing-time"


def test_frames_of_the_wire_are_recognised_again_by_their_seq() -> None:
    unnumbered = [one.name for one in WIRE if one.seq is None]
    assert set(unnumbered) <= {
        "connected", "agent.created", "channel.added", "session.configured", "agent.configured", "channel.configured", "channel.removed",
        "agent.resumed", "history.updated", "history.data", "pong", "ping", "error", "agent.displaced",
    }  # fmt: skip
    assert all(one.identified for one in WIRE if one.seq is not None)


def test_stream_frames_without_seq_time_and_message_id_are_not_recognised_again() -> None:
    loose = {one.name for one in STREAM if one.durable and not one.identified}
    assert {"call.started", "call.held", "session.paused", "call.ended", "skill.loaded"} <= loose
    assert {"llm.toolCall", "bot.finished", "message.confirmed", "whatsapp.message"}.isdisjoint(loose)


def test_the_same_word_is_read_alike_from_both_forms() -> None:
    wire = [one.event for one in WIRE if one.name == "bot.word"]
    stream = [one.event for one in STREAM if one.name == "bot.word"]
    assert len(wire) > 40
    for mine, theirs in zip(wire, stream, strict=True):
        assert mine is not None
        assert theirs is not None
        assert agree(mine, theirs)
