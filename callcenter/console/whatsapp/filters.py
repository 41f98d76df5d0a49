"""What the URL of the conversation list says, for the first page and for every push after it."""

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q

from callcenter.calls.models import TranscriptEntry
from callcenter.calls.querysets import ThreadQuerySet

SHOWS = ("", "mine", "waiting")


@dataclass(frozen=True, slots=True)
class ThreadFilters:
    """``show``: "" = all, mine, waiting. ``q``: names, numbers, words of any message."""

    show: str = ""
    q: str = ""

    def values(self) -> dict[str, str]:
        return asdict(self)

    @property
    def query_string(self) -> str:
        """``?show=...``, or "" when nothing is set."""
        values = {name: value for name, value in self.values().items() if value}
        return f"?{urlencode(values)}" if values else ""

    def narrow(self, threads: ThreadQuerySet) -> ThreadQuerySet:
        """By ``q`` alone: who waits is only known when the last lines are read."""
        return threads.filter(_text(self.q)) if self.q else threads


def read_thread_filters(values: Any) -> ThreadFilters:
    """From a query string or a socket's view; what is unknown or of the wrong type is as good as absent."""
    show, q = values.get("show", ""), values.get("q", "")
    return ThreadFilters(show if show in SHOWS else "", q.strip()[:100].replace("\x00", "") if isinstance(q, str) else "")


def _text(q: str) -> Q:
    said = TranscriptEntry.objects.filter(call__thread=OuterRef("pk"), text__icontains=q)
    found = Q(contact__name__icontains=q) | Q(agent__name__icontains=q) | Q(Exists(said))
    digits = "".join(c for c in q if c.isdigit())
    if len(digits) >= 2:
        found |= Q(digits__contains=digits)
    return found
