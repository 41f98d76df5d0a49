"""The only writer of the projection. Rows are compared with the last projected ones; only what changed is written."""

from datetime import datetime
from typing import Any

from django.db import models

from callcenter.calls.directory import Directory
from callcenter.calls.folding import KeptCall
from callcenter.calls.models import AuditEvent, Call, CallNote, CallPart, Participant, Recording, ToolCall, TranscriptEntry
from callcenter.calls.rows import Projected, project_state
from callcenter.domain.summary import Summary
from callcenter.journal.times import moment

PARTS: dict[str, type[CallPart]] = {
    "line": TranscriptEntry,
    "tool": ToolCall,
    "audit": AuditEvent,
    "note": CallNote,
    "participant": Participant,
    "recording": Recording,
}
PLACE = ("at", "sort_time", "sort_seq", "sort_n", "version")
COLUMNS: dict[str, tuple[str, ...]] = {
    "line": (*PLACE, "message_id", "speaker", "text", "announced", "state", "kind", "muted", "recovered"),
    "tool": (*PLACE, "tool_id", "name", "arguments", "result", "state", "done_at"),
    "audit": (*PLACE, "type", "data"),
    "note": (*PLACE, "kind", "data"),
    "participant": (*PLACE, "member", "role", "left_at"),
    "recording": (*PLACE, "file", "digest", "format", "duration_ms", "sample_rate"),
}
TIMES = frozenset({"at", "done_at", "left_at"})
CALL_COLUMNS = ["agent", "thread", "contact", "channel", "direction", "from_number", "to_number", "contact_name", "metadata", "language", "status", "end_reason", "error", "started_at", "answered_at", "ended_at", "duration_s", "heard_at", "held", "muted", "forwarded_to", "alarm", "last_speaker", "last_text", "reply_ms", "version"]


def project_calls(kept: dict[str, KeptCall], owners: dict[str, int], directory: Directory, names: dict[tuple[int, str], str]) -> set[str]:
    """Write the rows of these calls; returns those whose content changed and so get a new revision.

    ``owners``: call_uuid -> connection id. ``names``: (connection id, agent slug) -> its name as the customer writes it.
    """
    after = {uuid: project_state(call.state) for uuid, call in kept.items()}
    _find_people(after, owners, directory, names)
    changed = {uuid for uuid, rows in after.items() if _differs(kept[uuid].projected, rows)}
    calls = [_call_row(uuid, owners[uuid], rows.summary, kept[uuid].n, directory) for uuid, rows in after.items() if rows.summary]
    Call.objects.bulk_create(calls, update_conflicts=True, unique_fields=["call_uuid"], update_fields=CALL_COLUMNS)
    ids = dict(Call.objects.filter(call_uuid__in=after).values_list("call_uuid", "id"))
    _write_parts(kept, after, ids)
    for uuid, rows in after.items():
        kept[uuid].projected = rows
    return changed


def _differs(before: Projected, after: Projected) -> bool:
    if before.summary is None or after.summary is None or before.parts != after.parts:
        return True
    columns = (name for name in Summary.__struct_fields__ if name != "heard_at")
    return any(getattr(before.summary, name) != getattr(after.summary, name) for name in columns)


def _find_people(after: dict[str, Projected], owners: dict[str, int], directory: Directory, names: dict[tuple[int, str], str]) -> None:
    summaries = [(owners[uuid], rows.summary) for uuid, rows in after.items() if rows.summary]
    directory.find_agents({(owner, s.agent): names.get((owner, s.agent), s.agent) for owner, s in summaries if s.agent})
    contacts: dict[tuple[int, str], tuple[str, str]] = {}
    for owner, s in summaries:
        if s.contact_digits:
            number = s.to_number if s.direction == "outbound" and s.channel != "whatsapp" else s.from_number
            contacts[_team(owner, s, directory), s.contact_digits[:64]] = (number, s.contact_name)
    directory.find_contacts(contacts)
    directory.find_threads(
        {
            (directory.agents[owner, s.agent].pk, s.contact_digits[:64]): directory.contacts[
                _team(owner, s, directory), s.contact_digits[:64]
            ].pk
            for owner, s in summaries
            if s.channel == "whatsapp" and s.agent and s.contact_digits
        }
    )


def _team(owner: int, summary: Summary, directory: Directory) -> int:
    agent = directory.agents.get((owner, summary.agent))
    return agent.team_id if agent else directory.connections[owner].team_id


def _call_row(uuid: str, owner: int, summary: Summary, version: int, directory: Directory) -> Call:
    agent = directory.agents.get((owner, summary.agent))
    digits = summary.contact_digits[:64]
    contact = directory.contacts.get((_team(owner, summary, directory), digits)) if digits else None
    thread = directory.threads.get((agent.pk, digits)) if agent and digits and summary.channel == "whatsapp" else None
    return Call(
        call_uuid=uuid,
        connection_id=owner,
        agent=agent,
        contact=contact,
        thread=thread,
        channel=summary.channel,
        direction=summary.direction,
        from_number=summary.from_number[:200],
        to_number=summary.to_number[:200],
        contact_name=summary.contact_name[:200],
        metadata=summary.metadata,
        language=summary.language[:20],
        status=summary.status,
        end_reason=summary.end_reason[:200],
        error=summary.error,
        started_at=moment(summary.started_at),
        answered_at=moment(summary.answered_at),
        ended_at=moment(summary.ended_at),
        duration_s=summary.duration_s,
        heard_at=moment(summary.heard_at),
        held=summary.held,
        muted=summary.muted,
        forwarded_to=summary.forwarded_to[:200],
        alarm=summary.alarm[:40],
        last_speaker=summary.last_speaker,
        last_text=summary.last_text,
        reply_ms=summary.reply_ms,
        version=version,
    )


def _write_parts(kept: dict[str, KeptCall], after: dict[str, Projected], ids: dict[str, int]) -> None:
    """Upsert changed rows and delete vanished ones, one statement a kind."""
    rows: dict[str, list[CallPart]] = {part: [] for part in PARTS}
    gone: dict[str, list[tuple[int, str]]] = {part: [] for part in PARTS}
    for uuid, projected in after.items():
        before, version = kept[uuid].projected.parts, kept[uuid].n
        for (part, key), columns in projected.parts.items():
            if before.get((part, key)) != columns:
                rows[part].append(PARTS[part](call_id=ids[uuid], key=key, version=version, **_columns(columns)))
        for part, key in before.keys() - projected.parts.keys():
            gone[part].append((ids[uuid], key))
    for part, model in PARTS.items():
        if rows[part]:
            _upsert(model, rows[part], COLUMNS[part])
        for call_id, key in gone[part]:
            _manager(model).filter(call_id=call_id, key=key).delete()


def _upsert(model: type[CallPart], rows: list[CallPart], columns: tuple[str, ...]) -> None:
    _manager(model).bulk_create(rows, update_conflicts=True, unique_fields=["call", "key"], update_fields=list(columns))


def _manager(model: type[CallPart]) -> models.Manager[Any]:
    return model._default_manager


def _columns(columns: dict[str, Any]) -> dict[str, Any]:
    return {name: _time(value) if name in TIMES else value for name, value in columns.items()}


def _time(value: float | None) -> datetime | None:
    return moment(value)
