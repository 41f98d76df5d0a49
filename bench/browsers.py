"""Browsers as the server sees them: they greet, confirm every frame that asks for it, and note when a probe's text reached them."""

import asyncio
import json
import re
import time
from collections import Counter
from collections.abc import Sequence

from bench.product import Product
from bench.wire import Wire, open_wire

PROBE = re.compile(rb"probe-(\d+)-")
FRAME = re.compile(rb'\{"frame":(\d+)(,"ask":true)?')
CURRENT_S = 60.0


class Board:
    """When probes left and of which call (its id), and when each browser had them first. Seconds of ``time.perf_counter``."""

    def __init__(self) -> None:
        self.sent: dict[int, float] = {}
        self.calls: dict[int, str] = {}
        self.late: list[float] = []
        self.arrived: Counter[int] = Counter()


class Browser:
    """One page: what it shows (``view``), and what it received."""

    def __init__(self, view: dict[str, object], board: Board) -> None:
        self.view, self.board = view, board
        self.wire: Wire | None = None
        self.seen: set[int] = set()
        self.frames = self.messages = self.bytes = self.gaps = self.last = 0
        self.fragments: list[int] = []
        self.current_at = 0.0  # when the first whole view had come
        self.reading = True

    async def open(self, product: Product, who: str) -> None:
        headers = {"Cookie": product.cookies[who], "Origin": f"http://127.0.0.1:{product.port}"}
        self.wire = await open_wire(product.port, "/ws/feed/", headers, self.hear)
        self.wire.send(json.dumps({"since": 0, "view": self.view}).encode())

    def hear(self, message: bytes) -> None:
        self.messages += 1
        self.bytes += len(message)
        if edits := message.count(b"<hx-edit"):
            self.fragments.append(edits)
        for probe in PROBE.findall(message):
            self._note(int(probe))
        found = FRAME.match(message)
        if found is None:
            return
        number = int(found[1])
        self.gaps += number != self.last + 1
        self.last = number
        self.frames += 1
        self.current_at = self.current_at or time.perf_counter()
        if found[2] and self.wire is not None and self.reading:
            self.wire.send(b'{"seen":%d}' % number)

    def _note(self, probe: int) -> None:
        if probe in self.seen:
            return
        self.seen.add(probe)
        self.board.arrived[probe] += 1
        if probe in self.board.sent:
            self.board.late.append(time.perf_counter() - self.board.sent[probe])

    def unshown(self) -> tuple[int, int]:
        """How many probes are lost, and how many passed: a floor shows the last line of every call, so a newer one that it had
        stands for them. A call page shows all lines of its call, in edits and in whole views alike: there none may pass.
        """
        calls, own = self.board.calls, self.view.get("call")
        missing = [probe for probe in self.board.sent if probe not in self.seen and own in (None, calls[probe])]
        newest = {calls[probe]: probe for probe in sorted(self.seen & calls.keys())} if own is None else {}
        passed = sum(probe < newest.get(calls[probe], 0) for probe in missing)
        return len(missing) - passed, passed

    def stall(self) -> None:
        """Stop reading, as a laptop does whose lid is closed."""
        self.reading = False
        if self.wire is not None:
            self.wire.transport.pause_reading()

    def close(self) -> None:
        if self.wire is not None:
            self.wire.close()


def floor_view(**filters: str) -> dict[str, object]:
    return {"screen": "floor", "status": "", "channel": "", "agent": "", "holder": "", "q": "", **filters}


def mix(count: int, calls: list[str], board: Board) -> list[tuple[Browser, str]]:
    """Seven of ten look at a whole floor, two at a filtered one, one at a call; supervisors and operators in turn."""
    filters = [{"channel": "phone"}, {"holder": "agent"}, {"status": "answered"}, {"agent": "frontdesk"}]
    made = []
    for number in range(count):
        if number % 10 < 7:
            view = floor_view()
        elif number % 10 < 9:
            view = floor_view(**filters[number // 10 % len(filters)])
        else:
            view = {"screen": "call", "call": calls[number // 10 % len(calls)]}
        made.append((Browser(view, board), ("sofia", "oskar")[number % 2]))
    return made


async def open_all(pairs: Sequence[tuple[Browser, str]], *doors: Product) -> list[Browser]:
    """Through the doors in turn; return the browsers when each has had its first whole view."""
    await asyncio.gather(*(browser.open(doors[number % len(doors)], who) for number, (browser, who) in enumerate(pairs)))
    browsers = waiting = [browser for browser, _ in pairs]
    deadline = time.monotonic() + CURRENT_S
    while waiting := [browser for browser in waiting if not browser.current_at]:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{len(waiting)} browsers have no view after {CURRENT_S:.0f} s")
        await asyncio.sleep(0.01)
    return browsers
