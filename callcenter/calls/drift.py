"""Where rows differ from what the journal gives, said in one line each."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Manager

from callcenter.calls.folding import Folder, KeptAgent
from callcenter.calls.models import Agent, Call, Thread
from callcenter.calls.project import COLUMNS, PARTS, TIMES, stored, summary_columns
from callcenter.calls.rows import Projected
from callcenter.calls.states import agent_columns, moved_lines, thread_columns, times_of
from callcenter.domain.summary import Summary
from callcenter.journal.times import epoch

Parts = dict[tuple[str, str], dict[str, Any]]
SHOWN = 80


def parts_of(calls: Iterable[Call]) -> dict[str, Parts]:
    """The parts of these calls as their rows say, shaped like the projection: call_uuid -> (part, key) -> columns."""
    uuids = {call.pk: call.call_uuid for call in calls}
    found: dict[str, Parts] = {uuid: {} for uuid in uuids.values()}
    for part, model in PARTS.items():
        columns = [name for name in COLUMNS[part] if name != "version"]
        manager: Manager[Any] = model._default_manager
        rows = manager.filter(call__in=list(uuids)).order_by().values("call_id", "key", *columns)
        for row in rows.iterator():
            call, key = row.pop("call_id"), row.pop("key")
            times = {name: epoch(row[name]) for name in TIMES & row.keys() if row[name] is not None}
            found[uuids[call]][part, key] = {**row, **times}
    return found


def call_drift(uuid: str, row: Call | None, parts: Parts, given: Projected, version: int, owner: int) -> Iterator[str]:
    """``parts`` and ``given``: what the rows and what the journal say; ``version``: entries in the journal."""
    if given.summary is None:
        if row is not None:
            yield f"call {uuid}: has a row, and nothing in the journal is about it"
        return
    if row is None:
        yield f"call {uuid}: has no row"
        return
    expected = {**summary_columns(given.summary), **_relations(given.summary), "connection": owner, "version": version}
    actual = {name: getattr(row, name) for name in summary_columns(given.summary)} | _related(row)
    yield from _differing(f"call {uuid}", actual, expected)
    for part, key in sorted(parts.keys() | given.parts.keys()):
        name = f"call {uuid} {part} {key}"
        if (part, key) not in parts:
            yield f"{name}: has no row"
        elif (part, key) not in given.parts:
            yield f"{name}: has a row, and nothing in the journal is about it"
        else:
            yield from _differing(name, stored(parts[part, key]), stored(given.parts[part, key]))


def _relations(summary: Summary) -> dict[str, Any]:
    """Whom the row should point to, by natural keys."""
    digits = summary.contact_digits[:64]
    is_thread = bool(summary.channel == "whatsapp" and summary.agent and digits)
    return {"agent": summary.agent, "contact": digits, "thread": digits if is_thread else ""}


def _related(row: Call) -> dict[str, Any]:
    return {
        "agent": row.agent.slug if row.agent else "",
        "contact": row.contact.digits if row.contact else "",
        "thread": row.thread.digits if row.thread else "",
        "connection": row.connection_id,
        "version": row.version,
    }


def agent_drift(scope: str, row: Agent | None, kept: KeptAgent) -> Iterator[str]:
    if row is None:
        yield f"{scope}: has no row"
        return
    expected = {**agent_columns(kept.state), "version": kept.n}
    yield from _differing(scope, {name: getattr(row, name) for name in expected}, expected)


def thread_drift(scopes: list[str], rows: dict[str, Thread], folder: Folder) -> list[str]:
    """Times, versions, and the ticks on the lines of these threads."""
    times = times_of([row.pk for row in rows.values()])
    found = [f"{scope}: has no row" for scope in scopes if scope not in rows]
    for scope, row in rows.items():
        inbound, anybody = times.get(row.pk, (None, None))
        expected = {
            **thread_columns(folder.thread(scope).state),
            "last_inbound_at": inbound,
            "last_at": anybody,
            "version": folder.thread(scope).n,
        }
        found += _differing(scope, {name: getattr(row, name) for name in expected}, expected)
    for line in moved_lines({row.pk: folder.thread(scope).state for scope, row in rows.items()}):
        found.append(f"call {line.call.call_uuid} line {line.key}: delivery should be {line.delivery!r}")
    return found


def _differing(name: str, actual: dict[str, Any], expected: dict[str, Any]) -> Iterator[str]:
    for column, value in expected.items():
        if actual[column] != value and _plain(actual[column]) != _plain(value):
            yield f"{name}: {column} is {_short(actual[column])}, the journal gives {_short(value)}"


def _plain(value: Any) -> Any:
    """PostgreSQL keeps JSON's numbers as decimals: a large float comes back as an integer."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return float(value) if isinstance(value, int) and abs(value) >= 2**53 else value


def _short(value: Any) -> str:
    text = repr(str(value) if value is not None and not isinstance(value, str | int | float | bool | list | dict) else value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
