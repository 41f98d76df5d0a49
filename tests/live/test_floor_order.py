"""A call that needs a human moves up, and nothing stands twice or gets lost on the way."""

from typing import Any

from callcenter.operators.models import Operator
from tests.e2e.stories import Conversation
from tests.live.scene import Sippet
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


def test_a_call_that_nobody_answers_moves_up_by_time_alone_and_back_when_somebody_does(stage: Stage, oskar: Operator, settings: Any):
    calls = [Conversation(f"Caller {number}") for number in range(3)]
    for call in calls:
        stage.pinecall.send(call.starts(), ago=20)
    stage.pinecall.send({"event": "session.paused", "agent_id": "frontdesk", "contact": calls[1].number.strip("+")})
    stage.pinecall.send(calls[1].heard("u0", "Hello?"), ago=20)
    stage.pinecall.send(calls[1].heard("u1", "Is anybody there?"), ago=5)
    tab = stage.open(oskar)
    stage.look()
    assert tab.page.ids("floor-attention") == []
    settings.UNANSWERED_AFTER_S = 10
    stage.later()
    stage.look()
    assert tab.page.ids("floor-attention") == [calls[1].row]
    assert tab.attention == 1
    assert "Nobody answers" in tab.check().text()
    stage.pinecall.send(calls[1].begins("m1", "Here I am"))
    stage.look()
    assert tab.page.ids("floor-attention") == []
    tab.check()


def test_a_reply_of_which_only_single_words_came_yet_is_an_answer(stage: Stage, oskar: Operator):
    """Sippet tells a line when it is over; until then its pieces are live state."""
    sip = Sippet()
    stage.sippet.send(sip.rings(), sip.answers(), sip.line("i0", "Hello?", role="user"), ago=60)
    tab = stage.open(oskar)
    stage.look()
    assert len(tab.page.ids("floor-attention")) == 1
    stage.sippet.send(sip.piece("i1", "One mo"))
    stage.look()
    assert tab.page.ids("floor-attention") == []
    tab.check()
