"""Durable frames through the pipeline into journal and rows, against the same writes alone, in the same transactions."""

import time
from argparse import Namespace
from datetime import UTC, datetime
from typing import Any

import orjson

from bench import gauge, inside
from bench.load import Talk, make_talks
from bench.report import Report, middle

CALLS, TURNS, GROUP = 200, 6, 500
TABLES = ("calls_transcriptentry", "calls_toolcall", "calls_callnote", "calls_call", "journal_entry", "journal_streamposition")
Statement = tuple[str, list[Any], bool]


def run(options: Namespace) -> Report:
    report = Report("pipeline", f"{CALLS} calls of {TURNS} turns, durable frames in groups of {GROUP}, {options.backend}")
    gauge.prepare(options)
    with inside.database(options.backend):
        ours, theirs, rows, frames = [], [], 0, 0
        for number in range(options.rounds):
            groups = _groups()
            frames = sum(map(len, groups))
            seconds, written = _through(groups, number)
            rows = _rows(written)
            _empty()
            ours.append(rows / seconds)
            theirs.append(rows / _alone(written))
            _empty()
    ratio = middle(ours) / middle(theirs)
    report.add(
        "rows written", middle(ours), "per s",
        reference=middle(theirs), reference_is="bulk SQL of the same rows", ratio=ratio, goal=">= 0.4x", met=ratio >= 0.4,
    )  # fmt: skip
    report.add("durable frames taken", middle(ours) * frames / rows, "per s")
    report.add("rows for one frame", rows / frames, "")
    report.add("spread of the rounds", (max(ours) - min(ours)) / middle(ours), "of median")
    return report


def _groups() -> list[list[Any]]:
    """Parsed frames of whole calls, all at the same time, cut into groups."""
    talks = make_talks(CALLS, quiet=0)
    frames = [frame for talk in talks for frame in talk.begin()]
    for turn in range(TURNS):
        for talk in talks:
            frames += _turn(talk, turn)
    frames += [talk.end() for talk in talks]
    parsed = [orjson.loads(frame) for frame in frames]
    return [parsed[start : start + GROUP] for start in range(0, len(parsed), GROUP)]


def _turn(talk: Talk, turn: int) -> list[bytes]:
    message = f'"messageId":"m{talk.number}-{turn}","text":"Of course. Which day would suit you best?",'
    tool = f'"messageId":"m{talk.number}-{turn}","toolCalls":[{{"id":"t{turn}","name":"find_slots","arguments":{{"day":"Friday"}}}}],'
    return [
        talk.say("I need to move my appointment, please."),
        talk.frame("llm.toolCall", tool),
        talk.frame("bot.speaking", message),
        talk.frame("bot.finished", message),
        talk.frame("message.confirmed", message),
    ]


def _through(groups: list[list[Any]], number: int) -> tuple[float, list[list[Statement]]]:
    """Seconds, and what was written: the writing statements of each transaction."""
    from django.db import connection

    from callcenter.ingest.message import Message, Source
    from callcenter.ingest.writer import Writer
    from callcenter.journal.connections import add_connection
    from callcenter.operators.people import team_named

    made, _ = add_connection(f"load-{number}", "pinecall", team_named("North"))
    source, writer = Source(made.pk, made.slug, made.provider, made.team_id), Writer()
    written: list[list[Statement]] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(("INSERT", "UPDATE")):
            written[-1].append((sql, [list(row) for row in params] if many else list(params or ()), many))
        return execute(sql, params, many, context)

    seconds = 0.0
    with connection.execute_wrapper(note):
        for place, group in enumerate(groups):
            written.append([])
            message = Message(source, group, datetime.now(UTC), "bench", place)
            began = time.perf_counter()
            answer = writer.write([message], datetime.now(UTC)).answers[0]
            seconds += time.perf_counter() - began
            if answer.accepted != len(group):
                raise RuntimeError(f"{answer.as_json()} of {len(group)}")
    return seconds, written


def _rows(written: list[list[Statement]]) -> int:
    return sum(len(params) if many else 1 for group in written for _, params, many in group)


def _alone(written: list[list[Statement]]) -> float:
    """The same writes, nothing read, nothing decided."""
    from django.db import connection, transaction

    began = time.perf_counter()
    for group in written:
        with transaction.atomic(), connection.cursor() as cursor:
            for sql, params, many in group:
                if many:
                    cursor.executemany(sql, params)
                else:
                    cursor.execute(sql, params)
    return time.perf_counter() - began


def _empty() -> None:
    """Calls and journal are removed, and numbered from 1 again; people, connections and agents stay, so that rows can point at them."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY CASCADE")
            return
        for table in TABLES:
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("DELETE FROM sqlite_sequence WHERE name IN (%s)" % ", ".join(f"'{table}'" for table in TABLES))  # noqa: UP031
