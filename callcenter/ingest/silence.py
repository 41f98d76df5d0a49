"""Calls that no longer give a sign of life are closed as lost: contract G.5 and F.2."""

from collections.abc import Iterable
from time import monotonic

from django.db.models import F, Q

from callcenter.calls.folding import Folder, KeptCall
from callcenter.calls.live_state import store
from callcenter.calls.models import Call
from callcenter.domain.events.console import CallLost
from callcenter.domain.limits import Limits, lost
from callcenter.ingest.message import Fact, Listed, Source
from callcenter.journal.times import epoch, moment

EVERY_S = 5.0
LISTED_GRACE_S = 5.0


class Silence:
    """Looks every few seconds. Which calls a bridge said it knows is remembered until what follows from it is committed."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.looked_at = monotonic()
        self.lists: dict[tuple[int, str], Listed] = {}  # the newest of each agent of a connection
        self.looked_at_lists: list[Listed] = []

    def listed(self, lists: Iterable[Listed]) -> None:
        self.lists.update({(one.source.id, one.event.agent): one for one in lists})

    def lost(self, folder: Folder, now: float) -> list[Fact]:
        """The facts to journal now; ``now`` in epoch seconds. Say ``committed`` when they are."""
        self.looked_at_lists = []
        if monotonic() - self.looked_at < EVERY_S:
            return []
        self.looked_at = monotonic()
        self.looked_at_lists = list(self.lists.values())
        return [*self._beyond_limits(folder, now), *self._replaced(), *self._not_listed()]

    def committed(self) -> None:
        """The facts of the last look are in the journal: its lists have nothing more to say."""
        for one in self.looked_at_lists:
            if self.lists.get(key := (one.source.id, one.event.agent)) is one:
                del self.lists[key]
        self.looked_at_lists = []

    def _beyond_limits(self, folder: Folder, now: float) -> list[Fact]:
        calls = list(Call.objects.live().filter(self._quiet(now)).select_related("connection").order_by("heard_at")[:500])
        live = store().get([call.call_uuid for call in calls])
        if store().is_away:
            return []
        facts = []
        for call in calls:
            heard = epoch(call.heard_at) if call.heard_at else 0.0
            if call.call_uuid in live:
                heard = max(heard, live[call.call_uuid].heard)
            began = min(heard, epoch(call.started_at)) if call.started_at else heard
            kept = folder.scopes.get(f"call:{call.call_uuid}")
            if isinstance(kept, KeptCall) and kept.state.arrived is not None:
                began, heard = kept.state.arrived, max(heard, kept.state.heard_live)
            if lost(call.channel, began, heard, now, self.limits):
                facts.append(_lost(call))
        return facts

    def _quiet(self, now: float) -> Q:
        """Calls whose durable frames are old enough for a closer look; written channels are silent by nature."""
        limits = self.limits
        quiet = Q(channel__in=["phone", "webrtc"], heard_at__lt=moment(now - limits.stale_s))
        quiet |= Q(channel="chat", heard_at__lt=moment(now - limits.chat_idle_s))
        return quiet | Q(channel="whatsapp", heard_at__lt=moment(now - limits.whatsapp_window_s))

    def _replaced(self) -> list[Fact]:
        """A WhatsApp session ends, whatever was lost of it, when a newer one of the same thread begins."""
        live = Call.objects.live().filter(channel="whatsapp", thread__isnull=False)
        crowded = live.order_by("thread", F("started_at").desc(nulls_last=True), "-id").select_related("connection")
        facts, last = [], 0
        for call in crowded.iterator():
            if call.thread_id == last:
                facts.append(_lost(call))
            last = call.thread_id or 0
        return facts

    def _not_listed(self) -> list[Fact]:
        """Voice and chat calls that the bridge no longer knew are over, unless they were heard since."""
        facts: list[Fact] = []
        for one in self.looked_at_lists:
            before = moment(one.received - LISTED_GRACE_S)
            gone = Call.objects.live().filter(heard_at__lt=before, connection=one.source.id, agent__slug=one.event.agent)
            unlisted = gone.exclude(channel="whatsapp").exclude(call_uuid__in=one.event.calls).select_related("connection")
            facts.extend(_lost(call) for call in unlisted)
        return facts


def _lost(call: Call) -> Fact:
    connection = call.connection
    source = Source(connection.pk, connection.slug, connection.provider, connection.team_id)
    return Fact(source, CallLost(call=call.call_uuid))
