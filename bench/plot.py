"""Plots that a terminal shows."""

from collections.abc import Sequence

WIDE = 40


def bars(title: str, values: Sequence[float], labels: Sequence[str] = ()) -> str:
    """One line a value, as long as its share of the largest."""
    names = list(labels) or [str(place) for place in range(1, len(values) + 1)]
    largest = max([*values, 1e-9])
    wide = max(map(len, names), default=0)
    lines = [f"  {title}"]
    lines += [
        f"  {name:>{wide}} {'█' * max(1, round(value / largest * WIDE))} {value:,.1f}" for name, value in zip(names, values, strict=True)
    ]
    return "\n".join(lines)
