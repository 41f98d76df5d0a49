"""The contract's own files: its table of events and its sample frames."""

import csv
import json
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def rows(provider: str) -> list[dict[str, str]]:
    """The rows of events.csv of one provider."""
    with (HERE / "events.csv").open(newline="") as file:
        return [row for row in csv.DictReader(file) if row["provider"] == provider]


def sample(name: str) -> list[Any]:
    """The frames of one sample file, in order."""
    lines = (HERE / "samples" / f"{name}.ndjson").read_text().splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def named(name: str, event: str) -> dict[str, Any]:
    """The first frame of a sample file with this event."""
    frame: dict[str, Any] = next(frame for frame in sample(name) if frame["event"] == event)
    return frame
