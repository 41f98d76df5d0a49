"""A result: one row per figure, with its goal and the reference of the same run. As JSON for machines, as a table for people."""

import json
import os
import platform
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("django", "channels", "daphne", "twisted", "autobahn", "msgspec", "orjson", "psycopg", "redis", "websockets")


@dataclass(frozen=True, slots=True)
class Row:
    """``reference``: the same work done in the plainest way in this run; ``goal`` in words, "" = only told."""

    figure: str
    value: float
    unit: str
    reference: float | None = None
    reference_is: str = ""
    ratio: float | None = None
    goal: str = ""
    met: bool | None = None


def facts() -> dict[str, Any]:
    """Where and with what a figure was measured. No names and no paths of the machine."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout.strip()
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), ""
    )
    memory = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
    return {
        "machine": f"{os.cpu_count()} x {model}, {memory} GiB",
        "commit": commit or "unknown",
        "versions": f"Python {platform.python_version()}, " + ", ".join(f"{name} {version(name)}" for name in PACKAGES),
        "command": "python -m bench " + " ".join(sys.argv[1:]),
        "load_average": os.getloadavg()[0],
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


@dataclass(slots=True)
class Report:
    """Of one benchmark. ``series``: numbers behind the rows, for plots; ``plot``: what is drawn below the table."""

    name: str
    about: str
    rows: list[Row] = field(default_factory=list)
    series: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=facts)
    plot: str = ""

    def add(self, figure: str, value: float, unit: str, **more: Any) -> None:
        self.rows.append(Row(figure, value, unit, **more))

    def write(self, folder: Path) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{self.name}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}.json"
        file.write_text(json.dumps(asdict(self), indent=1))
        return file

    def table(self) -> str:
        """What people read."""
        facts = self.facts
        lines = [
            f"{self.name}: {self.about}",
            f"  {facts['machine']} · commit {facts['commit']} · {facts['versions']}",
            f"  {facts['command']} · load average before {facts['load_average']}",
        ]
        wide = max(len(row.figure) for row in self.rows) if self.rows else 0
        for row in self.rows:
            line = f"  {row.figure:<{wide}}  {shown(row.value):>10} {row.unit:<10}"
            if row.reference is not None:
                line += f" | {row.reference_is} {shown(row.reference)}"
            if row.ratio is not None:
                line += f", ratio {row.ratio:.2f}"
            if row.goal:
                line += f" | goal {row.goal}: {'met' if row.met else 'MISSED'}"
            lines.append(line.rstrip())
        lines += [f"  {line}" for line in self.plot.splitlines()]
        return "\n".join(lines) + "\n"


def shown(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}" if abs(value) < 1 else f"{value:.1f}"


def percentile(values: list[float], share: float) -> float:
    """Of values in any order; 0 when there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def middle(values: list[float]) -> float:
    return median(values) if values else 0.0
