"""Pausing at three levels: whatever order an agent is paused and resumed in, page and API say what the provider does."""

from itertools import combinations, product

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callcenter.api.call_json import summary
from callcenter.calls.models import Agent, Call
from callcenter.console.callpage import Parts, call_view
from callcenter.domain.limits import Limits
from callcenter.journal.times import epoch
from tests.ingest.playing import Player, make_source

pytestmark = pytest.mark.django_db
WHATSAPP = "wa-3c9f10b2d7e8"
DIGITS = "447700900983"
TARGETS: dict[str, dict[str, str]] = {"agent": {}, "contact": {"contact": DIGITS}, "call": {"session_id": WHATSAPP}}
STEPS = list(product(("paused", "resumed"), TARGETS))


class Provider:
    """Three independent sets; resuming without a target empties all three. Contract F.4."""

    def __init__(self) -> None:
        self.on: set[str] = set()

    def take(self, what: str, level: str) -> None:
        if what == "paused":
            self.on.add(level)
        elif level == "agent":
            self.on.clear()
        else:
            self.on.discard(level)


def play(steps: list[tuple[str, str]]) -> Provider:
    player, provider = Player(make_source()), Provider()
    opened = {"event": "whatsapp.session_started", "agent_id": "frontdesk", "session_id": WHATSAPP, "contact_phone": DIGITS}
    player.send([{**opened, "ts": 1782900000.0}])
    for number, (what, level) in enumerate(steps, start=1):
        player.send([{"event": f"session.{what}", "agent_id": "frontdesk", **TARGETS[level], "ts": 1782900000.0 + number * 5}])
        provider.take(what, level)
    return provider


def shown() -> set[str]:
    """The levels of which the page has a badge."""
    words = {"Agent paused everywhere": "agent", "Paused for this contact": "contact", "Paused for this call": "call"}
    call = Call.objects.for_rows().get()
    now = epoch(call.heard_at) if call.heard_at else 0.0
    view = call_view(call, Agent.objects.get(), None, Parts(), now, Limits())
    return {words[badge.label] for badge in view.row.badges if badge.label in words}


def told() -> set[str]:
    """The levels of which the API says that they are paused."""
    answer = summary(Call.objects.for_rows().get(), None, 0.0, Limits())
    return {level for level, on in answer["paused"].items() if on}


@pytest.mark.parametrize("levels", [some for size in range(4) for some in combinations(TARGETS, size)], ids="+".join)
def test_each_of_the_eight_combinations(levels: tuple[str, ...]) -> None:
    provider = play([("paused", level) for level in levels])
    assert shown() == told() == provider.on == set(levels)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(STEPS), max_size=8))
def test_any_order_of_pausing_and_resuming(steps: list[tuple[str, str]]) -> None:
    with transaction.atomic():  # each example in a database of its own
        provider = play(steps)
        assert shown() == told() == provider.on
        transaction.set_rollback(True)
