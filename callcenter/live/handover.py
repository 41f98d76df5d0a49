"""Who is told that a call or a conversation was given to them, or taken from them, whatever page they have open.

Said once, and lost without harm: the pages of the call show by themselves who answers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.urls import reverse

from callcenter.commands.models import Takeover
from callcenter.console.naming import contact_name
from callcenter.console.whatsapp.list import thread_contact
from callcenter.live.table import News

YOUNG = timedelta(seconds=30)  # older ones were told before this process looked


@dataclass(frozen=True, slots=True)
class Told:
    """``operator``: id of whom to tell; ``url`` of the page that it is about."""

    operator: int
    say: str
    url: str


class Handovers:
    """Remembers what it told. Used by one thread."""

    def __init__(self) -> None:
        self.known: dict[int, datetime] = {}  # ids of takeovers, and when they began

    def look(self, news: News, now: datetime) -> list[Told]:
        """One query when some holder may have changed, none otherwise."""
        if not news.held and not news.threads:
            return []
        self.known = {pk: began for pk, began in self.known.items() if now - began < YOUNG}
        here = Q(call__call_uuid__in=news.held) | Q(thread__in=news.threads)
        between_people = Q(previous__isnull=False) | Q(given_by__isnull=False)
        found = (
            Takeover.objects.filter(here, between_people, ended_at=None, began_at__gt=now - YOUNG)
            .exclude(pk__in=self.known)
            .select_related("operator", "previous", "given_by", "call__contact", "call__agent", "thread__contact")
        )
        return [told for taken in found for told in self._tell(taken)]

    def _tell(self, taken: Takeover) -> Iterator[Told]:
        self.known[taken.pk] = taken.began_at
        what, url = _subject(taken)
        giver, winner, loser = taken.given_by, taken.operator, taken.previous
        why = f": {taken.why}" if taken.why else "."
        if giver is not None:
            yield Told(winner.pk, f"{giver.display_name} gave you {what}{why}", url)
        if loser is None or loser == giver:
            return
        if giver is None:
            yield Told(loser.pk, f"{winner.display_name} took {what} from you{why}", url)
        else:
            yield Told(loser.pk, f"{giver.display_name} gave {what} to {winner.display_name}{why}", url)


def _subject(taken: Takeover) -> tuple[str, str]:
    if taken.call is not None:
        return f"the call with {contact_name(taken.call)}", reverse("call", args=[taken.call.call_uuid])
    if taken.thread is not None:
        return f"the conversation with {thread_contact(taken.thread)}", reverse("whatsapp-thread", args=[taken.thread.pk])
    return "a call", ""
