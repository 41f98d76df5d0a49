"""An old centre: calls that are over, with lines and journal, made by the database itself, as many as wanted within minutes."""

from django.db import connection

ENTRIES = 50  # of a call
LINES = 4

# Ids ascend within one growth, so that filling is quick, and lie all over the range of ids, as those of providers do.
SQLITE = {
    "series": "WITH RECURSIVE series(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM series WHERE i + 1 < {count})",
    "uuid": "printf('CA%08x%s', {i} * {step}, '{mark}')",
    "moment": "strftime('%Y-%m-%d %H:%M:%S', 1735689600 + {i} * 60, 'unixepoch')",
}
POSTGRES = {
    "series": "WITH series AS (SELECT generate_series(0::bigint, {count} - 1) AS i)",
    "uuid": "'CA' || lpad(to_hex({i} * {step}), 8, '0') || '{mark}'",
    "moment": "to_timestamp(1735689600 + {i} * 60)",
}
CALLS = """
INSERT INTO calls_call (call_uuid, connection_id, agent_id, contact_id, channel, direction, from_number, to_number, contact_name, metadata,
  language, status, end_reason, error, started_at, answered_at, ended_at, duration_s, heard_at, held, muted, forwarded_to, alarm,
  last_speaker, last_text, fence, version, revision, desk_revision)
{series} SELECT {uuid}, {line}, {agent}, {contact}, 'phone', 'inbound', '+447700900128', '+442079460118', '', '{{}}', '', 'completed',
  'hangup', '', {moment}, {moment}, {moment}, 60, {moment}, {false}, {false}, '', '', 'contact', 'Thank you, goodbye.', 0, {entries}, 0, 0
FROM series"""
PARTS = """
INSERT INTO calls_transcriptentry (call_id, key, message_id, speaker, text, announced, state, kind, delivery, delivery_inferred,
  delivery_error, muted, recovered, sort_time, sort_seq, sort_n, version)
{series} SELECT calls_call.id, 'm' || i, 'm' || i, 'contact', 'I need to move my appointment, please.', '', 'final', 'text', '', {false},
  '', {false}, {false}, i, i, i, 1 FROM calls_call, series WHERE calls_call.id > {after}"""
JOURNAL = """
INSERT INTO journal_entry (scope, n, key, connection_id, event, origin, received_at, ts, seq, frame)
{series} SELECT 'call:' || {uuid}, i % {entries} + 1, {key}, {line}, 'user.message', 'provider', {moment}, 1735689600 + i, i,
  '{{"event":"user.message","callId":"' || {uuid} || '","messageId":"m' || i || '",'
  || '"text":"I need to move my appointment, please.","seq":' || i || '}}'
FROM series"""


def grow(entries: int, mark: str, line: int, agent: int, contact: int) -> None:
    """So many entries more, 50 a call; ``mark``: 24 characters that no other growth has at the end of its ids."""
    words, calls = SQLITE if connection.vendor == "sqlite" else POSTGRES, entries // ENTRIES
    step = 2**32 // calls
    known = {
        "line": line,
        "agent": agent,
        "contact": contact,
        "entries": ENTRIES,
        "false": "0" if connection.vendor == "sqlite" else "false",
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM calls_call")
        after = cursor.fetchone()[0]
        of_call, of_entry = (
            words["uuid"].format(i="i", step=step, mark=mark),
            words["uuid"].format(i=f"(i / {ENTRIES})", step=step, mark=mark),
        )
        for sql, count, uuid, at in (
            (CALLS, calls, of_call, words["moment"].format(i="i")),
            (PARTS, LINES, "", ""),
            (JOURNAL, entries, of_entry, words["moment"].format(i=f"(i / {ENTRIES})")),
        ):
            series = words["series"].format(count=count)
            cursor.execute(sql.format(series=series, uuid=uuid, moment=at, after=after, key=f"'{mark}' || i", **known))
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")


def size() -> int:
    """Bytes of the whole database."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        else:
            cursor.execute("SELECT pg_database_size(current_database())")
        return int(cursor.fetchone()[0])
