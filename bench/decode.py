"""Reading frames: parse, decode and reduce the load's frames, against orjson.loads of the same bytes."""

import time
from argparse import Namespace
from datetime import UTC, datetime

import orjson

from bench import gauge, inside
from bench.load import envelope, make_talks, slot
from bench.report import Report, middle

CALLS, SLOTS = 100, 40


def run(options: Namespace) -> Report:
    report = Report("decode", f"{CALLS} calls, envelopes of 24 frames; decode and reduce, no database")
    gauge.prepare(options)
    talks = make_talks(CALLS, quiet=0)
    frames = [made for number in range(SLOTS) for made, _ in slot(talks, number)]
    texts = [envelope("decode", place, frames[place : place + 24]).decode() for place in range(0, len(frames), 24)]
    with inside.database():
        ours, theirs = [], []
        for _ in range(options.rounds * 3):
            theirs.append(_loads(texts) / len(frames) * 1e6)
            ours.append(_reduce(texts) / len(frames) * 1e6)
    ratio = middle(ours) / middle(theirs)
    report.add(
        "parse, decode and reduce one event", middle(ours), "µs",
        reference=middle(theirs), reference_is="orjson.loads", ratio=ratio, goal="<= 2x", met=ratio <= 2,
    )  # fmt: skip
    report.add("bytes of a frame, mean", sum(map(len, frames)) / len(frames), "")
    return report


def _loads(texts: list[str]) -> float:
    began = time.thread_time()
    for text in texts:
        orjson.loads(text)
    return time.thread_time() - began


def _reduce(texts: list[str]) -> float:
    """As the pipeline does it: open, take, and fold what is ephemeral; durable frames are folded without being stored."""
    from callcenter.domain.events.base import CallEvent, stamp_of
    from callcenter.domain.reduce import reduce
    from callcenter.domain.reduce.live import hear_level
    from callcenter.domain.state import CallState
    from callcenter.ingest.decoding import Metered, Taken, take
    from callcenter.ingest.message import Source, open_text

    source, now = Source(1, "load", "pinecall", 1), datetime.now(UTC)
    states: dict[str, CallState] = {}
    received = now.timestamp()
    began = time.thread_time()
    for text in texts:
        for item in take([open_text(source, text, now)]):
            if type(item) is Metered:
                call, side, height = item.level
                state = states.get(call) or states.setdefault(call, CallState(call))
                hear_level(state, side, height, received)
            elif isinstance(item, Taken) and isinstance(item.decoded.event, CallEvent):
                event, decoded = item.decoded.event, item.decoded
                state = states.get(event.call) or states.setdefault(event.call, CallState(event.call))
                stamp = stamp_of(decoded.ts, decoded.seq, state.n + decoded.durable, received)
                reduce(state, event, stamp, durable=decoded.durable)
    return time.thread_time() - began
