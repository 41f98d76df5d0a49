from collections.abc import Iterator

import pytest

from tests.ingest.runner.world import World, world_of
from tests.servers import Console


@pytest.fixture
def world(console: Console) -> Iterator[World]:
    """A scripted provider, and what dials it; the console is shared by a module's tests."""
    with world_of(console) as made:
        yield made
