"""When the hub looks again."""

import pytest

from callcenter.live.hub import LATE_LOOK_S, TICK_S, hub, pause
from tests.live.network import network


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


async def test_how_late_ingest_is_holds_until_ingest_says_otherwise(db: None) -> None:
    async with network():
        found = hub()
        found.sockets.add(object())  # type: ignore[arg-type]  # somebody looks
        found._hear({"late": 3.0, "live": "[]"})
        found._hear({"live": "[]"})
        assert found.late == 3.0
        found._hear({"late": 0.0, "live": "[]"})
        assert found.late == 0.0
        found.sockets.clear()
