"""Cost as the journal grows: a group commit, pages, a start. Everything in this process, without a server and its sockets."""

import time
from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from secrets import token_hex
from typing import Any

import orjson

from bench import gauge, inside
from bench.load import Talk
from bench.report import Report, middle

SIZES = (10_000, 100_000, 1_000_000)
LONG = 10_000_000
LIVE = 100
GROUP = 100  # frames of a commit, of as many calls
TIMES = 15
ARCHIVED = 400  # calls
STEP = 2.0  # times the cost with the smallest journal
BAR = 40


def run(options: Namespace) -> Report:
    report = Report("journal", f"cost with more entries, {LIVE} live calls, {options.backend}")
    gauge.prepare(options)
    curves: dict[str, list[tuple[int, float]]] = {}
    with inside.database(options.backend):
        from django.core.management import call_command

        call_command("collectstatic", verbosity=0, interactive=False)
        centre = Centre()
        for entries in (*SIZES, LONG) if options.long else SIZES:
            centre.grow(entries)
            for name, taken in centre.measure(options.rounds * TIMES).items():
                curves.setdefault(name, []).append((entries, middle(taken)))
                report.series[f"{name}, {entries}"] = [round(value, 3) for value in taken]
        for name, points in curves.items():
            for entries, cost in points:
                label = f"{name}, {entries:,} entries"
                if entries == points[0][0]:
                    report.add(label, cost, "ms")
                else:
                    ratio = cost / points[0][1]
                    report.add(label, cost, "ms", ratio=ratio, goal=f"< {STEP}x the smallest", met=ratio < STEP)
        centre.archive(report)
    report.plots.append(plot(curves))
    return report


class Centre:
    """One connection, live calls, and everybody who looks at them."""

    def __init__(self) -> None:
        from django.conf import settings
        from django.test import Client

        from callcenter.calls.models import Agent, Contact
        from callcenter.ingest.message import Source
        from callcenter.ingest.writer import Writer
        from callcenter.journal.connections import add_connection
        from callcenter.operators.models import Operator, Team

        settings.ALLOWED_HOSTS = ["testserver"]
        team = Team.objects.create(name="North")
        line, _ = add_connection("load", "pinecall", team)
        self.source = Source(line.pk, line.slug, line.provider, line.team_id)
        self.agent = Agent.objects.create(connection=line, slug="old", name="Old", team=team).pk
        self.contact = Contact.objects.create(team=team, digits="447700900128", phone="+447700900128").pk
        self.reader = Operator.objects.create_user("sofia", role="supervisor")
        self.reader.teams.add(team)
        self.browser = Client()
        self.browser.force_login(self.reader)
        self.entries = self.sent = 0
        self.writer = Writer()
        self.talks: list[Talk] = []

    def begin(self) -> None:
        """Live calls as young as those that the smaller journal was measured with: a longer call costs more by itself."""
        self.send([talk.end() for talk in self.talks])
        self.talks = [Talk(number, token_hex(5), "frontdesk") for number in range(LIVE)]
        self.send([frame for talk in self.talks for frame in talk.begin()])

    def grow(self, entries: int) -> None:
        from bench import old

        old.grow(entries - self.entries, token_hex(12), self.source.id, self.agent, self.contact)
        self.entries = entries

    def send(self, frames: list[bytes]) -> float:
        """One group commit; its ms."""
        from callcenter.ingest.message import Message

        self.sent += 1
        now = datetime.now(UTC)
        message = Message(self.source, [orjson.loads(frame) for frame in frames], now, "bench", self.sent)
        began = time.perf_counter()
        self.writer.write([message], now)
        return (time.perf_counter() - began) * 1000

    def measure(self, times: int) -> dict[str, list[float]]:
        """What each thing costs, in ms; they take turns."""
        from callcenter.calls.models import Call

        self.begin()
        over = list(Call.objects.filter(status="completed").order_by("-id").values_list("call_uuid", flat=True)[:times])
        found: dict[str, list[float]] = {}
        for number in range(times):
            said = [talk.say("I need to move my appointment, please.") for talk in self.talks]
            begun = [frame for _ in range(GROUP // 2) for frame in Talk(number, token_hex(5), "frontdesk").begin()]
            found.setdefault("group commit, calls known", []).append(self.send(said))
            found.setdefault("group commit, calls new", []).append(self.send(begun))
            self.end(begun)
            for name, path in (("floor page", "/"), ("call page", f"/calls/{over[number]}/"), ("history page", "/calls/")):
                found.setdefault(name, []).append(timed(lambda path=path: self.browser.get(path)))  # type: ignore[misc]
            found.setdefault("start of ingest: live calls folded", []).append(self.restart())
            found.setdefault("start of the feed: its first look", []).append(timed(first_look))
        return found

    def end(self, begun: list[bytes]) -> None:
        """Those calls are over, so that each round sees as many live ones."""
        frames = [orjson.loads(frame) for frame in begun[::2]]
        self.send([orjson.dumps({**frame, "event": "call.ended", "reason": "hangup", "seq": 9}) for frame in frames])

    def restart(self) -> float:
        """A new writer takes a frame of every live call: it folds all their entries first."""
        from callcenter.ingest.writer import Writer

        self.writer = Writer()
        return self.send([talk.say("Are you still there?") for talk in self.talks])

    def archive(self, report: Report) -> None:
        """Some of it; and what an entry takes on disk before and after."""
        from django.db.models import Sum
        from django.db.models.functions import Length

        from bench import old
        from callcenter.calls.archiving import TOGETHER, archive_before
        from callcenter.journal.models import Archive

        report.add("the whole database", old.size() / 2**20, "MiB")
        report.add("the whole database, for one entry", old.size() / self.entries, "bytes")
        steps, moved, last = [], 0, time.perf_counter()
        for _, entries in islice(archive_before(datetime.now(UTC)), ARCHIVED // TOGETHER):
            now = time.perf_counter()
            steps.append((now - last) * 1000)
            moved += entries
            last = now
        report.add(f"archiving {TOGETHER} calls, with the rest after it", middle(steps), "ms")
        report.add("entries archived", moved / sum(steps) * 1000, "per s")
        packed = Archive.objects.aggregate(bytes=Sum(Length("data")))["bytes"]
        report.add("an archived entry", packed / moved, "bytes")


def timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def first_look() -> None:
    from callcenter.live.table import Table

    Table().refresh(())


def plot(curves: dict[str, list[tuple[int, float]]]) -> str:
    """Bars of cost, each curve against its own largest."""
    lines = []
    for name, points in curves.items():
        lines.append(name)
        most = max(cost for _, cost in points)
        lines += [f"  {entries:>12,} {'#' * max(1, round(cost / most * BAR)):<{BAR}} {cost:.2f} ms" for entries, cost in points]
    return "\n".join(lines)
