"""Every kind of change that a screen can show."""

from tests.live.changes import around, lines, lives, moments
from tests.live.changes.registry import CHANGES, SHOWN_ON

__all__ = ["CHANGES", "SHOWN_ON", "around", "lines", "lives", "moments"]
