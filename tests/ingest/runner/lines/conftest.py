from collections.abc import Iterator

import pytest

from tests.ingest.runner.lines.stage import Stage


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Where played providers live."""
    made = Stage()
    yield made
    made.close()
