"""The history's filters: those of every list, and the days between which a call started."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from callcenter.calls.querysets import CallQuerySet
from callcenter.console.filters import Filters, read_texts

IN_URL = {"first": "from", "last": "to"}  # "from" is no name in Python
YEARS = range(1970, 3000)  # midnights of these years exist in every time zone


@dataclass(frozen=True, slots=True)
class PastFilters(Filters):
    """``first`` and ``last`` are days as 2026-11-21, both included, in the time zone of the settings, or empty."""

    first: str = ""
    last: str = ""

    def values(self) -> dict[str, str]:
        return {IN_URL.get(name, name): value for name, value in Filters.values(self).items()}

    def narrow(self, calls: CallQuerySet) -> CallQuerySet:
        calls = Filters.narrow(self, calls)
        if self.first:
            calls = calls.filter(started_at__gte=_midnight(date.fromisoformat(self.first)))
        if self.last:
            calls = calls.filter(started_at__lt=_midnight(date.fromisoformat(self.last) + timedelta(days=1)))
        return calls


def read_past_filters(values: Any) -> tuple[PastFilters, dict[str, str]]:
    """From a query string. What is no day is left out, and the second value says so in a sentence under its field's name."""
    days: dict[str, str] = {}
    problems: dict[str, str] = {}
    for name, in_url in IN_URL.items():
        text = values.get(in_url, "").replace("\x00", "").strip()[:40]
        day = _read_day(text)
        days[name] = day.isoformat() if day else ""
        if text and not day:
            problems[name] = f"\u201c{text}\u201d is no day such as 2026-11-21, so it was left out."
    if days["first"] and days["last"] and days["first"] > days["last"]:
        problems["last"] = "The last day lies before the first: no call can fit."
    return PastFilters(**read_texts(values), **days), problems


def _read_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
