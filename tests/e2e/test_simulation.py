"""Two hundred simulated calls with every fault on: the journal holds all that was acknowledged, and the rows are what it says."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from tests.e2e.outside import House, Json
from tests.e2e.simulators import CALLS, check_against_the_journal, simulators

NewHouse = Callable[[], AbstractContextManager[House]]


def check_calls(house: House, summaries: list[Json]) -> None:
    """Each simulated call is told by the API, and the rows are what the journal says."""
    calls = house.api.calls()
    assert len({call["call_uuid"] for call in calls}) == len(calls) >= CALLS
    assert {call["connection"] for call in calls} == {house.pinecall.slug, house.sippet.slug}
    assert {call["status"] for call in calls} >= {"answered", "completed"}
    assert house.check().strip() == "clean"


def test_with_every_fault_on_nothing_acknowledged_is_lost_and_nothing_is_doubled(new_house: NewHouse, tmp_path: Path):
    with new_house() as house:
        with simulators(house, tmp_path, seconds=20) as running:
            summaries = [simulator.summary() for simulator in running]
        assert all(summary["envelopes_resent"] for summary in summaries), "no line was ever cut"
        assert all(summary["duplicates"] for summary in summaries), "nothing was ever sent twice"
        assert all(summary["rejected"] for summary in summaries), "nothing was ever malformed"
        for simulator, summary in zip(running, summaries, strict=True):
            check_against_the_journal(house, simulator, summary)
        check_calls(house, summaries)


def test_killed_in_the_middle_and_restarted_it_has_lost_nothing_either(new_house: NewHouse, tmp_path: Path):
    with new_house() as house:
        with simulators(house, tmp_path, seconds=0) as running:
            for simulator in running:
                simulator.wait_for_more()
                house.console.restart()
            for simulator in running:
                simulator.wait_for_more()
                simulator.process.terminate()
            summaries = [simulator.summary() for simulator in running]
        for simulator, summary in zip(running, summaries, strict=True):
            check_against_the_journal(house, simulator, summary)
        check_calls(house, summaries)
