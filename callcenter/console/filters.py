"""What a list's URL says, for the first page and for every push after it."""

from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce, Now

from callcenter.calls.models import TranscriptEntry
from callcenter.calls.querysets import CallQuerySet
from callcenter.commands.models import Takeover
from callcenter.console.places import Placed
from callcenter.console.view import RowView

NAMES = ("status", "channel", "agent", "holder", "q")


@dataclass(frozen=True, slots=True)
class Filters:
    """Every value may be empty. ``status``: a status of the call, or attention, held. ``agent`` is a slug."""

    status: str = ""
    channel: str = ""
    agent: str = ""
    holder: str = ""
    q: str = ""

    @property
    def query_string(self) -> str:
        """``?status=...``, or "" when nothing is set."""
        values = {name: value for name, value in self.values().items() if value}
        return f"?{urlencode(values)}" if values else ""

    def values(self) -> dict[str, str]:
        """Every value by its name in the URL."""
        return asdict(self)

    def passes_place(self, row: Placed, agent: str) -> bool:
        """May this row of the floor be shown, but for its text? ``agent``: the slug of its agent."""
        if self.status and not self._status(row):
            return False
        if (self.channel and row.channel != self.channel) or (self.agent and agent != self.agent):
            return False
        return not self.holder or row.holder_kind == self.holder

    def _status(self, row: Placed) -> bool:
        match self.status:
            case "attention":
                return row.group == "attention"
            case "ringing" | "dialing":
                return row.tone == "ring"
            case "held":
                return row.tone == "hold"
            case "answered":
                return row.tone != "ring"
        return False

    def finds(self, row: RowView) -> bool:
        """Names, numbers and the last settled line; numbers are found without their spaces too."""
        if not self.q:
            return True
        wanted = self.q.casefold()
        if any(wanted in text.casefold() for text in (row.contact, row.number, row.agent, row.uuid, row.said)):
            return True
        digits = "".join(c for c in self.q if c.isdigit())
        return len(digits) >= 3 and digits in "".join(c for c in row.number if c.isdigit())

    def narrow(self, calls: CallQuerySet) -> CallQuerySet:
        """For the history, in the database. ``holder`` asks there who answered at any time."""
        if self.status:
            calls = calls.filter(held=True) if self.status == "held" else calls.filter(status=self.status)
        if self.channel:
            calls = calls.filter(channel=self.channel)
        if self.agent:
            calls = calls.filter(agent__slug=self.agent)
        if self.holder:
            calls = calls.filter(~_stepped_in() if self.holder == "agent" else _stepped_in())
        if self.q:
            calls = calls.filter(_text(self.q))
        return calls


def read_filters(values: Any) -> Filters:
    """From a query string or a socket's view; unknown names and wrong types are as good as absent."""
    return Filters(**read_texts(values))


def read_texts(values: Any) -> dict[str, str]:
    """The texts among what stands under the names of Filters."""
    found = {name: values.get(name, "") for name in NAMES}
    return {name: value.strip()[:100].replace("\x00", "") for name, value in found.items() if isinstance(value, str)}


def _stepped_in() -> Q:
    """Did an operator answer at any time? On WhatsApp it is the thread that is taken over, and its sessions come and go."""
    answered = Takeover.objects.exclude(ended_how=Takeover.End.UNDONE)
    here = answered.filter(call=OuterRef("pk"))
    in_its_thread = answered.filter(
        Q(ended_at=None) | Q(ended_at__gte=OuterRef("started_at")),
        thread=OuterRef("thread"),
        began_at__lte=Coalesce(OuterRef("ended_at"), Now()),
    )
    return Q(holder__isnull=False) | Exists(here) | Exists(in_its_thread)


def _text(q: str) -> Q:
    digits = "".join(c for c in q if c.isdigit())
    said = TranscriptEntry.objects.filter(call=OuterRef("pk"), text__icontains=q)
    found = Q(contact_name__icontains=q) | Q(call_uuid=q) | Q(contact__name__icontains=q) | Q(last_text__icontains=q) | Q(Exists(said))
    if len(digits) >= 2:
        found |= Q(from_number__contains=digits) | Q(to_number__contains=digits)
    return found
