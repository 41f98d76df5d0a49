"""Whatever happens in whatever order, and however readers come and go: at the end every page is like a fresh one."""

import random
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from callcenter.calls.live_state import store
from callcenter.operators.models import Operator, Team
from tests.live.stage import Stage
from tests.live.walk import STEPS, Walk

step = st.sampled_from([name for name, weight in STEPS.items() for _ in range(weight)])


@pytest.fixture
def readers(supervisor: Operator, oskar: Operator, ines: Operator, admin: Operator) -> list[Operator]:
    return [supervisor, oskar, ines, admin]


@pytest.fixture
def around(readers: list[Operator], north: Team, south: Team, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a stage needs, for many of them in one test."""
    monkeypatch.setattr("callcenter.ingest.writer.close_old_connections", lambda: None)
    settings.MEDIA_ROOT = tmp_path


def walk(names: list[str], choose: random.Random, readers: list[Operator], teams: list[Team]) -> None:
    """One walk, taken back at its end."""
    store.cache_clear()
    with transaction.atomic():
        try:
            going = Walk(Stage(), readers, teams, choose)
            for name in names:
                going.step(name)
            going.finish()
        finally:
            transaction.set_rollback(True)


FEW = settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
MANY = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))


@FEW
@given(st.lists(step, min_size=5, max_size=60), st.randoms(use_true_random=False))
def test_a_short_walk_ends_with_pages_like_fresh_ones(
    around: None, readers: list[Operator], north: Team, south: Team, names: list[str], choose: random.Random
):
    walk(names, choose, readers, [north, south])


@pytest.mark.slow
@MANY
@given(st.lists(step, min_size=60, max_size=200), st.randoms(use_true_random=False))
def test_a_long_walk_ends_with_pages_like_fresh_ones(
    around: None, readers: list[Operator], north: Team, south: Team, names: list[str], choose: random.Random
):
    walk(names, choose, readers, [north, south])
