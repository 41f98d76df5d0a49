"""A call that needs a human moves up, and nothing stands twice or gets lost on the way."""

from callcenter.operators.models import Operator
from tests.e2e.stories import Conversation
from tests.live.stage import Stage


def test_a_call_moves_from_one_list_to_the_other_and_back(stage: Stage, oskar: Operator):
    calls = [Conversation(f"Caller {number}") for number in range(4)]
    for call in calls:
        stage.pinecall.send(call.starts())
    tab = stage.open(oskar)
    stage.look()
    stage.pinecall.send(calls[2].runs_out_of_credit())
    stage.look()
    assert tab.page.ids("floor-attention") == [calls[2].row]
    assert tab.page.ids("floor-progress") == [call.row for call in calls if call is not calls[2]]
    tab.check()
    stage.pinecall.send(calls[2].ends())
    stage.look()
    tab.check()
