"""Frames played to the writer by a clock of our own, and what the database then tells, as the read API would."""

import random
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from callcenter.calls.models import Agent, Call, CallPart, Thread
from callcenter.domain.decoded import Decoded, Unreadable
from callcenter.domain.events.speech import AgentPiece
from callcenter.ingest.batch import Outcome
from callcenter.ingest.message import Answer, Message, Source, open_text
from callcenter.ingest.writer import Writer
from callcenter.journal.connections import add_connection
from callcenter.operators.people import team_named
from callcenter.providers.decode import decode

ARRIVALS = datetime(2027, 1, 1, tzinfo=UTC)  # after every time that a sample frame carries
ARRIVED = "on arrival"
TOKEN = "in_only-for-tests-0123456789"


def make_source(provider: str = "pinecall", slug: str = "", token: str | None = None) -> Source:
    connection, _ = add_connection(slug or provider, provider, team_named("North"), token)
    return Source(connection.pk, connection.slug, connection.provider, connection.team_id)


class Player:
    """Sends frames to writers, one message each or several; every message arrives 10 ms after the one before."""

    def __init__(self, source: Source, writers: int = 1) -> None:
        self.source = source
        self.writers = [Writer() for _ in range(writers)]
        self.now = ARRIVALS
        self.sent = 0

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def send(self, frames: Sequence[Any], writer: int = 0, **envelope: Any) -> Answer:
        """One message of frames, in an envelope if one is given."""
        value = {**envelope, "frames": list(frames)} if envelope else list(frames)
        return self.send_text(orjson.dumps(value).decode(), writer).answers[0]

    def send_text(self, text: str, writer: int = 0) -> Outcome:
        self.pass_time(0.01)
        return self.write([open_text(self.source, text, self.now)], writer)

    def write(self, messages: list[Message], writer: int = 0) -> Outcome:
        return self.writers[writer].write(messages, self.now)

    def play(self, frames: Iterable[Any], size: int = 1) -> None:
        """All frames, ``size`` of them a message; writers take turns."""
        waiting = list(frames)
        for start in range(0, len(waiting), size):
            self.send(waiting[start : start + size], self.sent % len(self.writers))
            self.sent += 1

    def settle(self) -> None:
        """Let time pass until silent pieces are settled."""
        self.pass_time(1)
        for writer in self.writers:
            writer.looked_elsewhere_at = 0.0
            writer.tick(self.now)


def decoded(provider: str, frame: Any) -> Decoded | None:
    try:
        return decode(provider, frame)
    except Unreadable:
        return None


def is_marked(provider: str, frame: Any) -> bool:
    """Does the frame say by itself where it belongs: by id, sequence or time? Pieces of a reply only by their sequence."""
    read = decoded(provider, frame)
    if read is None:
        return True
    if isinstance(read.event, AgentPiece):
        return bool(read.seq)
    return read.identified or bool(getattr(read.event, "message_id", ""))


def shuffled(provider: str, frames: Sequence[Any], order: random.Random) -> list[Any]:
    """Shuffled within each call; frames without marks keep their own order in it. What names no call stays where it is."""
    calls: dict[str, list[int]] = {}
    for place, frame in enumerate(frames):
        read = decoded(provider, frame)
        calls.setdefault(read.call if read else "", []).append(place)
    result = list(frames)
    for call, places in calls.items():
        if call:
            for place, frame in zip(places, _mixed(provider, [frames[p] for p in places], order.shuffle), strict=True):
                result[place] = frame
    return result


def tail_first(provider: str, frames: Sequence[Any], cut: int) -> list[Any]:
    """The second part before the first; frames without marks keep their order over all."""

    def swap(places: list[int]) -> None:
        places[:] = places[cut:] + places[:cut]

    return _mixed(provider, frames, swap)


def _mixed(provider: str, frames: Sequence[Any], mix: Callable[[list[int]], None]) -> list[Any]:
    """Reorder by ``mix``, then put the unmarked ones back into their own order."""
    places = list(range(len(frames)))
    mix(places)
    unmarked = iter(sorted(place for place in places if not is_marked(provider, frames[place])))
    return [frames[place] if is_marked(provider, frames[place]) else frames[next(unmarked)] for place in places]


# What the database tells


def shown() -> dict[str, Any]:
    """Everything a reader may see, without keys, versions and revisions; times stamped on arrival are only called so."""
    calls = Call.objects.select_related("agent", "contact", "thread__agent", "connection").order_by("call_uuid")
    return {
        "calls": {call.call_uuid: call_shown(call) for call in calls},
        "agents": {agent.slug: agent_shown(agent) for agent in Agent.objects.all()},
        "threads": {f"{thread.agent.slug} {thread.digits}": thread_shown(thread) for thread in Thread.objects.select_related("agent")},
    }


def call_shown(call: Call) -> dict[str, Any]:
    columns = (
        "channel", "direction", "from_number", "to_number", "contact_name", "metadata", "language", "status", "end_reason", "error",
        "duration_s", "held", "muted", "forwarded_to", "alarm", "last_speaker", "last_text",
    )  # fmt: skip
    summary = {name: getattr(call, name) for name in columns}
    summary |= {name: time_shown(getattr(call, name)) for name in ("started_at", "answered_at", "ended_at")}
    summary["agent"] = call.agent.slug if call.agent else None
    summary["contact"] = (call.contact.digits, call.contact.phone) if call.contact else None
    summary["thread"] = (call.thread.agent.slug, call.thread.digits) if call.thread else None
    summary["connection"] = call.connection.slug
    line = ("message_id", "speaker", "text", "announced", "state", "kind", "delivery", "delivery_inferred", "muted", "recovered", "at")
    return {
        **summary,
        "transcript": parts(call.lines.all(), *line),
        "tools": parts(call.tools.all(), "tool_id", "name", "arguments", "result", "state", "at", "done_at"),
        "participants": parts(call.participants.all(), "member", "role", "at", "left_at"),
        "audit": parts(call.audit.all(), "type", "data", "at"),
        "notes": sorted(parts(call.notes.all(), "kind", "data", "at"), key=repr),
        "recordings": parts(call.recordings.all(), "digest", "duration_ms", "sample_rate", "format"),
    }


def parts(rows: Iterable[CallPart], *names: str) -> list[dict[str, Any]]:
    return [{name: time_shown(getattr(row, name)) for name in names} for row in rows]


def agent_shown(agent: Agent) -> dict[str, Any]:
    names = ("paused", "paused_contacts", "paused_calls", "paused_elsewhere", "unverified_since")
    return {name: time_shown(getattr(agent, name)) for name in names}


def thread_shown(thread: Thread) -> dict[str, Any]:
    return {name: time_shown(getattr(thread, name)) for name in ("last_inbound_at", "last_at")}


def time_shown(value: Any) -> Any:
    return ARRIVED if isinstance(value, datetime) and value >= ARRIVALS else value


def check_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    """Fail with the differences alone: two stories side by side are unreadable."""
    found = differences(one, other)
    if found:
        raise AssertionError("\n".join(found[:20]))


def differences(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two stories part, one line each."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted(one.keys() | other.keys(), key=repr)
        return [line for key in keys for line in differences(one.get(key), other.get(key), f"{path}/{key}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [line for place, pair in enumerate(zip(one, other, strict=True)) for line in differences(*pair, f"{path}/{place}")]
    return [] if one == other else [f"{path}: {one!r} != {other!r}"]
