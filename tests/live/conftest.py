"""Every test of the feed begins with no live state."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.live.stage import Stage


@pytest.fixture(autouse=True)
def _no_live_state() -> None:
    from callcenter.calls.live_state import store

    store.cache_clear()


@pytest.fixture
def stage(db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Stage":
    """Connections of both teams whose frames go straight through the writer, and the feed that looks at what it wrote."""
    from tests.live.stage import Stage

    # In its own thread the writer looks after its connection; here it would close the one that the test's transaction is on.
    monkeypatch.setattr("callcenter.ingest.writer.close_old_connections", lambda: None)
    settings.MEDIA_ROOT = tmp_path
    return Stage()
