"""Notes: moments of a call that are neither a line nor a tool."""

from typing import Any

from callcenter.domain.events.base import Stamp
from callcenter.domain.state import CallState, Moment


def note(state: CallState, kind: str, key: str, data: dict[str, Any], stamp: Stamp) -> None:
    """Keep a note once per (kind, key); the earliest stamp wins."""
    full = f"{kind}:{key}"[:260]
    held = state.notes.get(full)
    if held is None or stamp < held.stamp:
        state.notes[full] = Moment(full, kind, data, stamp)
