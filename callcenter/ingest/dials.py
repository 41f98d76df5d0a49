"""Dial failures that name no call: they close the only call of the agent that is still dialing. Contract C.3."""

from collections.abc import Iterable

from django.db.models import Q

from callcenter.calls.folding import Folder
from callcenter.calls.models import Call
from callcenter.domain.events.control import DialFailedSomewhere
from callcenter.domain.summary import status_of
from callcenter.ingest.message import Source


class Dials:
    """Candidates for the failures of a batch: the outbound calls of these agents that are dialing, or failed without a reason."""

    def __init__(self, agents: Iterable[tuple[int, str]]) -> None:
        self.found: dict[tuple[int, str], set[str]] = {key: set() for key in agents}
        if self.found:
            rows = (
                Call.objects.filter(connection__in={c for c, _ in self.found}, agent__slug__in={a for _, a in self.found})
                .filter(Q(status="dialing") | Q(end_reason="failed", error=""), direction="outbound", answered_at=None)
                .order_by("-id")[:200]
            )
            for connection, slug, uuid in rows.values_list("connection_id", "agent__slug", "call_uuid"):
                self.found.get((connection, slug), set()).add(uuid)

    def calls(self) -> set[str]:
        return {uuid for found in self.found.values() for uuid in found}

    def only_one(self, connection: int, event: DialFailedSomewhere, folder: Folder, touched: dict[str, Source]) -> str | None:
        """The call that this failure means, else None: then it is only noted."""
        here = self.found.get((connection, event.agent), set()) | {uuid for uuid, source in touched.items() if source.id == connection}
        states = [folder.call(uuid).state for uuid in sorted(here)]
        mine = [state for state in states if state.agent == event.agent and state.dialing and not state.answered]
        dialing = [state.call for state in mine if status_of(state) == "dialing"]
        if len(dialing) == 1:
            return dialing[0]
        if dialing or not event.error:
            return None
        failed = [s.call for s in mine if s.over is not None and s.over.reason == "failed" and not s.over.error]
        return failed[-1] if len(failed) == 1 else None
