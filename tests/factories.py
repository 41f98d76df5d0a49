"""Rows for tests, written straight into the projection: each function makes one row and fills in what was not said."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from django.core.files.base import ContentFile

from callcenter.calls.models import Agent, AuditEvent, Call, CallNote, Contact, Participant, Recording, Thread, ToolCall, TranscriptEntry
from callcenter.commands.models import Command, OpenSocket, Pause, Takeover
from callcenter.domain.commands.order import Order, Verb
from callcenter.journal.connections import add_connection
from callcenter.journal.models import Connection, DeadLetter, Entry
from callcenter.journal.revision import next_revision
from callcenter.journal.scopes import call_scope
from callcenter.operators import audit
from callcenter.operators.models import Operator, Presence, Team
from callcenter.operators.people import team_named
from callcenter.operators.tokens import issue
from callcenter.providers.encode import encode

START = datetime(2026, 7, 1, 14, 2, 10, 250_000, tzinfo=UTC)
_numbers = itertools.count(1)


def seconds(count: float) -> datetime:
    """So long after the start of the story."""
    return START + timedelta(seconds=count)


def make_connection(slug: str = "", team: Team | None = None, provider: str = "pinecall", **changes: Any) -> Connection:
    connection, _ = add_connection(slug or f"line-{next(_numbers)}", provider, team or team_named("North"))
    for name, value in changes.items():
        setattr(connection, name, value)
    connection.save()
    return connection


def make_agent(slug: str = "frontdesk", connection: Connection | None = None, **changes: Any) -> Agent:
    """Of the connection's team."""
    connection = connection or make_connection()
    values = {"slug": slug, "name": slug.capitalize(), "team": connection.team, "revision": next_revision(), **changes}
    return Agent.objects.create(connection=connection, **values)


def make_contact(digits: str = "447700900128", name: str = "", team: Team | None = None) -> Contact:
    return Contact.objects.create(team=team or team_named("North"), digits=digits, phone=f"+{digits}", name=name)


def make_thread(agent: Agent, contact: Contact, **changes: Any) -> Thread:
    values = {"digits": contact.digits, "last_at": START, "last_inbound_at": START, "revision": next_revision(), **changes}
    return Thread.objects.create(agent=agent, contact=contact, **values)


def make_call(call_uuid: str = "", agent: Agent | None = None, connection: Connection | None = None, **changes: Any) -> Call:
    """A phone call that was answered and is live; without an agent it belongs to the connection's team."""
    if agent is not None:
        connection = agent.connection
    values = {
        "call_uuid": call_uuid or f"CA{next(_numbers):032d}",
        "agent": agent,
        "connection": connection or make_connection(),
        "status": "answered",
        "from_number": "+447700900128",
        "to_number": "+442079460118",
        "started_at": START,
        "answered_at": seconds(2),
        "heard_at": datetime.now(UTC),
        "revision": next_revision(),
        **changes,
    }
    return Call.objects.create(**values)


def _place(at: datetime | None, order: int) -> dict[str, Any]:
    return {"at": at, "sort_time": (at or START).timestamp(), "sort_n": order}


def make_line(call: Call, text: str, speaker: str = "contact", at: float = 5, **changes: Any) -> TranscriptEntry:
    """``at`` in seconds after the start."""
    number = next(_numbers)
    values = {"key": f"msg_{number}", "message_id": f"msg_{number}", "state": "final", **_place(seconds(at), number), **changes}
    return TranscriptEntry.objects.create(call=call, speaker=speaker, text=text, **values)


def make_tool(call: Call, name: str = "find_slots", **changes: Any) -> ToolCall:
    number = next(_numbers)
    values = {"key": f"tool_{number}", "tool_id": f"tool_{number}", "arguments": {"day": "Friday"}, **_place(seconds(8), number), **changes}
    return ToolCall.objects.create(call=call, name=name, **values)


def make_audit(call: Call, type: str = "step", **changes: Any) -> AuditEvent:  # noqa: A002
    number = next(_numbers)
    values = {"key": f"audit_{number}", "data": {"tokens": 212}, **_place(seconds(9), number), **changes}
    return AuditEvent.objects.create(call=call, type=type, **values)


def make_participant(call: Call, member: str = "m-1", role: str = "caller", **changes: Any) -> Participant:
    values = {"key": f"{member}:0", **_place(START, 0), **changes}
    return Participant.objects.create(call=call, member=member, role=role, **values)


def make_note(call: Call, kind: str, data: dict[str, Any] | None = None, at: float = 10, **changes: Any) -> CallNote:
    number = next(_numbers)
    values = {"key": f"{kind}:{number}", **_place(seconds(at), number), **changes}
    return CallNote.objects.create(call=call, kind=kind, data=data or {}, **values)


def make_recording(call: Call, audio: bytes = b"RIFF" + bytes(range(256)), **changes: Any) -> Recording:
    digest = f"{next(_numbers):064x}"
    values = {"key": digest, "digest": digest, "duration_ms": 16, "sample_rate": 16_000, **_place(seconds(60), 0), **changes}
    recording = Recording(call=call, **values)
    recording.file.save(f"{digest}.wav", ContentFile(audio))
    return recording


def make_entry(call: Call, event: str = "user.message", frame: str = '{"event":"user.message"}', **changes: Any) -> Entry:
    scope = call_scope(call.call_uuid)
    n = Entry.objects.filter(scope=scope).count() + 1
    values = {"n": n, "key": f"key-{next(_numbers)}", "received_at": seconds(n), "ts": seconds(n).timestamp() - 0.25, **changes}
    return Entry.objects.create(scope=scope, connection=call.connection, event=event, frame=frame, **values)


def make_dead_letter(connection: Connection, error: str = "This is no JSON.", **changes: Any) -> DeadLetter:
    values = {"received_at": START, "frame": "{half", **changes}
    return DeadLetter.objects.create(connection=connection, error=error, **values)


def make_command(
    call: Call | None = None, *, agent: Agent, operator: Operator | None = None, verb: str = "hold", **changes: Any
) -> Command:
    """As an operator left it in the outbox; ``to`` is the number of a call to be made."""
    told = Order(verb=Verb(verb), agent=agent.slug, call=call.call_uuid if call else "", to=changes.pop("to", ""))
    order = msgspec.to_builtins(told)
    frame = encode(agent.connection.provider, told)[0]
    values = {"key": f"key-{next(_numbers)}", "order": order, "frame": frame, "expires_at": seconds(15), "call": call, **changes}
    return Command.objects.create(connection=agent.connection, agent=agent, operator=operator, verb=verb, **values)


def make_history(call: Call, operator: Operator) -> None:
    """One row of everything that operators leave behind: a takeover, a pause, presence, an audit line; and an ingest socket."""
    assert call.agent is not None
    Takeover.objects.create(call=call, operator=operator, fence=1, began_at=START, ended_at=seconds(9), ended_how="handed_back")
    Pause.objects.create(agent=call.agent, level="call", target=call.call_uuid, operator=operator, began_at=START, ended_at=seconds(9))
    Presence.objects.create(operator=operator, since=START)
    audit.record(operator, "take_over", f"call:{call.call_uuid}")
    OpenSocket.objects.create(connection=call.connection, opened_at=START, seen_at=START)


def open_socket(agent: Agent, *others: str) -> OpenSocket:
    """An ingest socket that is open, however long the test takes, and speaks for this agent: commands can leave."""
    now = datetime.now(UTC)
    lasting = now + timedelta(days=1)
    return OpenSocket.objects.create(connection=agent.connection, agents=[agent.slug, *others], opened_at=now, seen_at=lasting)


def bearer(operator: Operator) -> dict[str, str]:
    """Headers of a program that reads as this operator, for Django's test client."""
    return {"Authorization": f"Bearer {issue(operator, 'test')[1]}"}
