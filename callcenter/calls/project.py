"""The only writer of the projection. Rows are compared with the last projected ones; only what changed is written."""

from typing import Any

from django.db.models import Manager

from callcenter.calls.directory import Directory
from callcenter.calls.folding import KeptCall
from callcenter.calls.models import AuditEvent, Call, CallNote, CallPart, Participant, Recording, ToolCall, TranscriptEntry
from callcenter.calls.rows import Difference, Projected, difference, project_state
from callcenter.domain.summary import Summary
from callcenter.journal.statements import Update, Write, select
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
DELETED_TOGETHER = 500
TIMES = frozenset({"at", "done_at", "left_at", "heard_at", "unanswered_since"})
CALL_COLUMNS = (
    "channel", "direction", "from_number", "to_number", "contact_name", "metadata", "language", "status", "end_reason", "error",
    "started_at", "answered_at", "ended_at", "duration_s", "heard_at", "held", "muted", "forwarded_to", "alarm", "last_speaker",
    "last_text", "reply_ms", "unanswered_since", "holder_id", "fence",
)  # fmt: skip
RELATIONS = ("agent", "contact", "thread", "version")
ONCE = {"line": ("delivery", "delivery_inferred", "delivery_error")}
NEW = {"line": ("", False, "")}
WRITE_CALLS = Write(Call, ("call_uuid",), (*RELATIONS, *CALL_COLUMNS), ("connection", "revision", "desk_revision"))
# What nearly every event changes, and no index of the calls holds: SQLite writes an index anew for each column that is set.
OFTEN = ("heard_at", "last_speaker", "last_text", "reply_ms", "unanswered_since")
WRITE_OFTEN = Update(Call, "id", ("version", *OFTEN))
WRITE_PARTS = {part: Write(model, ("call", "key"), COLUMNS[part], ONCE.get(part, ())) for part, model in PARTS.items()}


def project_calls(kept: dict[str, KeptCall], directory: Directory, names: dict[tuple[int, str], str]) -> set[str]:
    """Write the rows of these calls; returns those whose content changed and so get a new revision.

    ``names``: (connection id, agent slug) -> its name as its owner writes it.
    """
    if not kept:
        return set()
    after = {uuid: project_state(call.state, call.projected) for uuid, call in kept.items()}
    owners = {uuid: call.owner for uuid, call in kept.items()}
    columns = {uuid: changed_columns(kept[uuid].projected.summary, rows.summary) for uuid, rows in after.items()}
    differences = {uuid: difference(kept[uuid].state, kept[uuid].projected, rows) for uuid, rows in after.items()}
    changed = {uuid for uuid, found in differences.items() if columns[uuid] - {"heard_at"} or found.made or found.gone}
    _find_people(after, owners, directory, names, changed)
    whole, often = [], []
    for uuid, rows in after.items():
        call, summary = kept[uuid], rows.summary
        if summary is None:
            continue
        relations = relations_of(call, summary, directory)
        if call.relations not in (None, relations):  # its agent came to another team, where the contact is another row
            changed.add(uuid)
        if call.pk and call.relations == relations and columns[uuid].issubset(OFTEN):
            often.append([call.n, *stored({name: getattr(summary, name) for name in OFTEN}).values(), call.pk])
        else:
            whole.append(call_row(uuid, call, relations, summary))
        call.relations = relations
    WRITE_CALLS(whole)
    WRITE_OFTEN(often)
    new = [uuid for uuid, call in kept.items() if not call.pk]
    for uuid, pk in select("SELECT call_uuid, id FROM calls_call WHERE call_uuid IN {}", new):
        kept[uuid].pk = pk
    _write_parts({uuid: kept[uuid] for uuid in changed}, differences)
    for uuid, rows in after.items():
        kept[uuid].project(rows, differences[uuid].gone)
    return changed


def changed_columns(before: Summary | None, after: Summary | None) -> set[str]:
    """Names of what differs; all of them when there was none."""
    if before is None or after is None:
        return set(Summary.__struct_fields__)
    return {name for name in Summary.__struct_fields__ if getattr(before, name) != getattr(after, name)}


def _find_people(
    after: dict[str, Projected], owners: dict[str, int], directory: Directory, names: dict[tuple[int, str], str], changed: set[str]
) -> None:
    """A contact gets another name from calls that changed alone: it is found on screens by their revision."""
    summaries = [(owners[uuid], rows.summary) for uuid, rows in after.items() if rows.summary]
    directory.find_connections(set(owners.values()))
    directory.find_agents({(owner, s.agent): names.get((owner, s.agent), s.agent) for owner, s in summaries if s.agent})
    contacts: dict[tuple[int, str], tuple[str, str]] = {}
    renamed = set()
    for uuid, rows in after.items():
        if (s := rows.summary) and s.contact_digits:
            key = _team(owners[uuid], s, directory), s.contact_digits[:64]
            if key not in contacts or (s.contact_name and uuid in changed):
                contacts[key] = (_number(s), s.contact_name)
            if s.contact_name and uuid in changed:
                renamed.add(key)
    directory.find_contacts(contacts, renamed)
    directory.find_threads(
        {
            (directory.agents[owner, s.agent].pk, s.contact_digits[:64]): directory.contacts[
                _team(owner, s, directory), s.contact_digits[:64]
            ].pk
            for owner, s in summaries
            if s.channel == "whatsapp" and s.agent and s.contact_digits
        }
    )


def _number(summary: Summary) -> str:
    """The contact's number for people. WhatsApp's digits are international."""
    if summary.channel == "whatsapp":
        return "+" + summary.contact_digits
    return summary.to_number if summary.direction == "outbound" else summary.from_number


def _team(owner: int, summary: Summary, directory: Directory) -> int:
    agent = directory.agents.get((owner, summary.agent))
    return agent.team_id if agent else directory.connections[owner].team_id


def relations_of(kept: KeptCall, summary: Summary, directory: Directory) -> list[int | None]:
    """Ids of the call's agent, contact and thread."""
    agent = directory.agents.get((kept.owner, summary.agent))
    digits = summary.contact_digits[:64]
    contact = directory.contacts.get((_team(kept.owner, summary, directory), digits)) if digits else None
    thread = directory.threads.get((agent.pk, digits)) if agent and digits and summary.channel == "whatsapp" else None
    return [row.pk if row else None for row in (agent, contact, thread)]


def call_row(uuid: str, kept: KeptCall, relations: list[int | None], summary: Summary) -> list[Any]:
    """The values of WRITE_CALLS."""
    columns = summary_columns(summary)
    return [uuid, *relations, kept.n, *(columns[name] for name in CALL_COLUMNS), kept.owner, 0, 0]


def summary_columns(summary: Summary) -> dict[str, Any]:
    """The columns of a call's row, but for its relations and its version."""
    return {
        "channel": summary.channel,
        "direction": summary.direction,
        "from_number": summary.from_number[:200],
        "to_number": summary.to_number[:200],
        "contact_name": summary.contact_name[:200],
        "metadata": summary.metadata,
        "language": summary.language[:20],
        "status": summary.status,
        "end_reason": summary.end_reason[:200],
        "error": summary.error,
        "started_at": moment(summary.started_at),
        "answered_at": moment(summary.answered_at),
        "ended_at": moment(summary.ended_at),
        "duration_s": summary.duration_s,
        "heard_at": moment(summary.heard_at),
        "held": summary.held,
        "muted": summary.muted,
        "forwarded_to": summary.forwarded_to[:200],
        "alarm": summary.alarm[:40],
        "last_speaker": summary.last_speaker,
        "last_text": summary.last_text,
        "reply_ms": summary.reply_ms,
        "unanswered_since": moment(summary.unanswered_since),
        "holder_id": summary.holder or None,
        "fence": summary.fence,
    }


def _write_parts(kept: dict[str, KeptCall], differences: dict[str, Difference]) -> None:
    """Upsert changed rows and delete vanished ones, one statement a kind."""
    rows: dict[str, list[list[Any]]] = {part: [] for part in PARTS}
    gone: list[tuple[str, int, list[str]]] = []
    for uuid, call in kept.items():
        for (part, key), columns in differences[uuid].made.items():
            row = {**stored(columns), "version": call.n}
            rows[part].append([call.pk, key, *(row[name] for name in COLUMNS[part]), *NEW.get(part, ())])
        vanished = differences[uuid].gone
        gone += [(part, call.pk, sorted(key for of, key in vanished if of == part)) for part in {part for part, _ in vanished}]
    for part, pk, keys in gone:
        manager: Manager[Any] = PARTS[part]._default_manager
        for start in range(0, len(keys), DELETED_TOGETHER):
            manager.filter(call_id=pk, key__in=keys[start : start + DELETED_TOGETHER]).delete()
    for part, write in WRITE_PARTS.items():
        write(rows[part])


def stored(columns: dict[str, Any]) -> dict[str, Any]:
    """Columns as the database keeps them: times as datetimes."""
    return {name: moment(value) if name in TIMES else value for name, value in columns.items()}
