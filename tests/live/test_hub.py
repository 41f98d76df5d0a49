"""When the hub looks again."""

import asyncio

import pytest

from callcenter.live.hub import LATE_LOOK_S, TICK_S, hub, pause
from tests.live.network import network

WAIT_S = 30  # generous


@pytest.mark.parametrize(
    ("took", "late", "expected"),
    [
        (0.0, 0.0, TICK_S),
        (TICK_S / 2, 0.0, TICK_S / 2),
        (1.0, 0.0, 0.5),
        (0.0, TICK_S / 2, TICK_S),
        (0.0, TICK_S * 2, TICK_S * 2),
        (0.0, 60.0, LATE_LOOK_S),
        (4.0, 60.0, 2.0),
    ],
)
def test_it_pauses_for_a_tick_longer_after_a_long_look_and_while_ingest_is_late(took: float, late: float, expected: float) -> None:
    assert pause(took, late) == pytest.approx(expected)


async def test_the_most_late_of_several_hints_counts_for_one_pause(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    paused = asyncio.Event()

    def remembered(took: float, late: float) -> float:
        pauses.append(late)
        paused.set()
        return 0.0

    async with network():
        found = hub()
        found.sockets.add(object())  # type: ignore[arg-type]  # somebody looks
        for late in ({"late": 0.2}, {"late": 3.0}, {}, {"late": 0.0}):
            found._hear({"live": "[]", **late})
        found.sockets.clear()
        monkeypatch.setattr("callcenter.live.hub.pause", remembered)
        await asyncio.wait_for(paused.wait(), WAIT_S)
        paused.clear()
        found.wake.set()
        await asyncio.wait_for(paused.wait(), WAIT_S)
    assert pauses[:2] == [3.0, 0.0]
