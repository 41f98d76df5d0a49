"""What one second of the full load costs the writer and the feed, one after the other in one thread: no sockets, nobody to wait for."""

import time
from argparse import Namespace
from datetime import UTC, datetime
from typing import Any

import orjson

from bench import gauge, inside
from bench.browsers import Board, mix
from bench.load import SLOTS, Talk, envelope, make_talks, slot
from bench.report import Report, middle

WARM_S, STRETCH_S, SIZE = 4, 2, 24
SLOTS_IN_GROUP = 2  # a commit, and a look, every 100 ms


class Centre:
    """A writer and a feed of the product on one database, with their browsers' sockets, of which nothing is sent."""

    def __init__(self, talks: list[Talk], operators: int) -> None:
        import callcenter.asgi  # noqa: F401  (as it tunes the interpreter)
        from callcenter.ingest.message import Source
        from callcenter.ingest.writer import Writer
        from callcenter.journal.connections import add_connection
        from callcenter.live.desk import Desk
        from callcenter.live.socket import Reader, Socket
        from callcenter.operators.models import Operator
        from callcenter.operators.people import team_named

        made, _ = add_connection("load", "pinecall", team_named("North"))
        self.source = Source(made.pk, made.slug, made.provider, made.team_id)
        self.writer, self.desk = Writer(), Desk()
        self.talks, self.slots, self.envelopes = talks, 0, 0
        self.pending = [frame for talk in talks for frame in talk.begin()]
        reader = Reader(Operator.objects.create_user("sofia", role="supervisor").pk, "", "")
        self.sockets = []
        for browser, _ in mix(operators, [talk.id for talk in talks[10:20]], Board()):
            socket = Socket(reader, None, nowhere, nowhere)
            socket.view, socket.role = browser.view, "supervisor"
            self.sockets.append(socket)

    def live(self, seconds: int) -> tuple[float, float, float]:
        """Processor seconds for each second of the load: the writer's, the feed's, and of ``orjson.loads`` of the same text."""
        write = look = plain = 0.0
        for _ in range(seconds * SLOTS // SLOTS_IN_GROUP):
            for _ in range(SLOTS_IN_GROUP):
                self.pending += [frame for frame, _ in slot(self.talks, self.slots)]
                self.slots += 1
            texts = self._texts()
            began = time.thread_time()
            for text in texts:
                orjson.loads(text)
            plain += time.thread_time() - began
            began = time.thread_time()
            flushed = self._write(texts)
            write += time.thread_time() - began
            began = time.thread_time()
            self._look(flushed)
            look += time.thread_time() - began
        return write / seconds, look / seconds, plain / seconds

    def _texts(self) -> list[str]:
        texts = []
        while len(self.pending) >= SIZE:
            some, self.pending = self.pending[:SIZE], self.pending[SIZE:]
            self.envelopes += 1
            texts.append(envelope("cost", self.envelopes, some).decode())
        return texts

    def _write(self, texts: list[str]) -> set[str]:
        """One group, with which live state is published, and a tick."""
        from callcenter.ingest.message import open_text

        now = datetime.now(UTC)
        self.writer.flushed_at = 0.0
        flushed = self.writer.write([open_text(self.source, text, now) for text in texts], now).flushed
        return flushed | self.writer.tick(now).flushed

    def _look(self, flushed: set[str]) -> None:
        for socket, frame in self.desk.tick(flushed, self.sockets):
            number = socket.sent + 1
            frame.messages(number)
            socket.sent = socket.seen = number


async def nowhere(_said: Any) -> None:
    """Where a socket without a browser sends to."""


def run(options: Namespace) -> Report:
    report = Report(
        "cost", f"{options.calls} calls, {options.calls * 24:,} events/s, {options.operators} browsers, in one thread, no sockets"
    )
    gauge.prepare(options)
    with inside.database(options.backend):
        centre = Centre(make_talks(options.calls), options.operators)
        centre.live(WARM_S)
        rounds = [centre.live(STRETCH_S) for _ in range(options.rounds * 2)]
    plain = middle([round_[2] for round_ in rounds])
    for name, place in (("writer", 0), ("feed", 1)):
        cost = middle([round_[place] for round_ in rounds])
        report.add(
            f"{name}, for each second of the load",
            cost,
            "cores",
            reference=plain,
            reference_is="orjson.loads of the frames",
            ratio=cost / plain,
        )
    return report
