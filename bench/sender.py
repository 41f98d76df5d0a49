"""The load generator: frames of all calls over a few ingest sockets, at the pace of life, counting what is acknowledged."""

import asyncio
import time
from collections.abc import Iterable

import orjson

from bench.browsers import Board
from bench.load import PROBE, SLOTS, Talk, envelope, slot
from bench.product import SLUG, Product
from bench.wire import Wire, frame, open_wire

SOCKETS = 4
DRAIN_S = 60.0


class Lane:
    """One ingest socket and the frames that wait for their envelope."""

    def __init__(self, name: str, size: int) -> None:
        self.name, self.size = name, size
        self.wire: Wire
        self.pending: list[bytes] = []
        self.envelopes = self.acks = self.accepted = self.rejected = self.duplicates = self.sent = 0
        self.waiting: dict[int, float] = {}
        self.ack_late: list[float] = []

    async def open(self, product: Product) -> None:
        headers = {"Authorization": f"Bearer {product.token}"}
        self.wire = await open_wire(product.port, f"/ws/ingest/{SLUG}/", headers, self.hear)

    def hear(self, message: bytes) -> None:
        answer = orjson.loads(message)
        if "ack" not in answer or "accepted" not in answer:
            return
        self.acks += 1
        self.accepted += answer["accepted"]
        self.duplicates += answer["duplicates"]
        self.rejected += len(answer["rejected"])
        if answer["ack"] in self.waiting:
            self.ack_late.append(time.perf_counter() - self.waiting.pop(answer["ack"]))

    def put(self, frames: Iterable[bytes]) -> None:
        """Queue frames; whole envelopes leave with ``flush``."""
        self.pending.extend(frames)

    def flush(self, *, rest: bool = False) -> None:
        """Write whole envelopes in one go; with ``rest`` also the last, smaller one. Size 1: bare frames without an envelope."""
        out: list[bytes] = []
        while len(self.pending) >= (1 if rest else self.size):
            some, self.pending = self.pending[: self.size], self.pending[self.size :]
            self.envelopes += 1
            self.sent += len(some)
            if self.size == 1:
                out.append(frame(some[0]))
            else:
                self.waiting[self.envelopes] = time.perf_counter()
                out.append(frame(envelope(self.name, self.envelopes, some)))
        if out:
            self.wire.transport.write(b"".join(out))

    @property
    def drained(self) -> bool:
        return self.acks >= self.envelopes


class Sender:
    def __init__(self, product: Product, talks: list[Talk], size: int = 24, lasting: float = 0.0) -> None:
        """``lasting``: mean seconds of a call, after which it ends and another one begins; 0 = all stay. Quiet ones stay."""
        self.product, self.talks, self.lasting = product, talks, lasting
        self.due, self.next = 0.0, len([talk for talk in talks if talk.quiet])
        self.lanes = [Lane(f"lane-{number}", size) for number in range(SOCKETS)]
        self.durable = 0
        self.late = 0.0  # how far the generator itself fell behind, s
        self.slots = 0
        self.probes = 0

    def lane(self, talk: Talk) -> Lane:
        return self.lanes[talk.number % SOCKETS]

    async def open(self) -> None:
        for lane in self.lanes:
            await lane.open(self.product)

    async def begin(self) -> None:
        """All calls ring and are answered."""
        for talk in self.talks:
            self.lane(talk).put(talk.begin())
            self.durable += 2
            if talk.number % 50 == 49:
                self.flush(rest=True)
                await asyncio.sleep(0.01)
        self.flush(rest=True)
        await self.drain()

    async def run(self, seconds: float, board: Board | None = None, probed: int = 10, probes_a_second: int = 10) -> None:
        """The load for so long. Probes are final texts of the first calls, which stand on top of every floor."""
        start, step = time.perf_counter(), 1 / SLOTS
        for number in range(round(seconds * SLOTS)):
            pause = start + number * step - time.perf_counter()
            self.late = max(self.late, -pause)
            await asyncio.sleep(max(0.0, pause))
            for part in range(5):  # in five portions, as frames do not all come at once
                self._slot(self.talks[part::5])
                if part < 4:
                    await asyncio.sleep(max(0.0, start + (number + (part + 1) / 5) * step - time.perf_counter()))
            self.slots += 1
            self._relieve(step)
            if board is not None and probes_a_second and number % max(1, SLOTS // probes_a_second) == 0:
                self.probe(board, probed)

    def _relieve(self, step: float) -> None:
        """As many calls as are due end, one after the other, and new ones begin in their places."""
        talking = [place for place, talk in enumerate(self.talks) if not talk.quiet]
        if not self.lasting or not talking:
            return
        self.due += len(talking) * step / self.lasting
        while self.due >= 1:
            self.due -= 1
            place = talking[self.next % len(talking)]
            self.next += 1
            old, new = self.talks[place], self.talks[place].successor()
            self.lane(old).put([old.end(), *new.begin()])
            self.durable += 3
            self.talks[place] = new

    def _slot(self, talks: list[Talk]) -> None:
        for talk in talks:
            for made, durable in slot([talk], self.slots):
                self.durable += durable
                self.lane(talk).pending.append(made)
        self.flush()

    def probe(self, board: Board, probed: int) -> None:
        number = self.probes = self.probes + 1
        talk = self.talks[number % min(probed, len(self.talks))]
        lane = self.lane(talk)
        board.sent[number], board.calls[number] = time.perf_counter(), talk.id
        lane.put([talk.say(PROBE % number)])
        lane.flush(rest=True)
        self.durable += 1

    def flush(self, *, rest: bool = False) -> None:
        for lane in self.lanes:
            lane.flush(rest=rest)

    async def drain(self) -> None:
        """Return when everything is acknowledged."""
        self.flush(rest=True)
        deadline = time.monotonic() + DRAIN_S
        while not all(lane.drained for lane in self.lanes):
            if time.monotonic() > deadline or any(lane.wire.closed for lane in self.lanes):
                raise RuntimeError("Not everything was acknowledged: " + str([(lane.envelopes, lane.acks) for lane in self.lanes]))
            await asyncio.sleep(0.01)

    def close(self) -> None:
        for lane in self.lanes:
            lane.wire.close()

    @property
    def sent(self) -> int:
        return sum(lane.sent for lane in self.lanes)

    @property
    def unaccepted(self) -> int:
        return self.sent - sum(lane.accepted for lane in self.lanes)

    @property
    def ack_late(self) -> list[float]:
        return [late for lane in self.lanes for late in lane.ack_late]
