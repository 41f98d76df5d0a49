"""When the hub looks again."""

import asyncio

import pytest
from channels.layers import get_channel_layer

from callcenter.live.hub import LATE_LOOK_S, TICK_S, hub, pause
from tests.live.network import network, until

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


async def test_a_channel_layer_that_does_not_answer_delays_no_heartbeat(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = asyncio.Event()

    async def never(*_arguments: object) -> None:
        asked.set()
        await asyncio.Event().wait()

    async with network():
        found, layer = hub(), get_channel_layer()
        await until(lambda: bool(found.channel))
        kind = type(layer._get_layer() if hasattr(layer, "_get_layer") else layer)  # on Redis there is one for each event loop
        monkeypatch.setattr("callcenter.live.hub.RENEW_S", 0.01)
        with monkeypatch.context() as patch:
            patch.setattr(kind, "group_add", never)
            await asyncio.wait_for(found._stay_subscribed(), WAIT_S)
    assert asked.is_set()
