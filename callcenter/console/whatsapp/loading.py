"""What the page of a thread reads, with a constant number of queries."""

from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2s

from django.db.models import Q
from django.http import Http404

from callcenter.calls.models import Call, Thread, TranscriptEntry
from callcenter.commands.models import Command, Pause, Takeover
from callcenter.commands.sockets import is_listening
from callcenter.console.models import PrivateNote
from callcenter.console.whatsapp.presence import words_about
from callcenter.domain.commands.order import Level, Verb
from callcenter.operators.models import Operator

LINES = 500  # the newest; what was written before is on the pages of its sessions
SHOWN_VERBS = (Verb.SEND, Verb.PAUSE, Verb.RESUME)
COMMANDS = 300


@dataclass(slots=True)
class ThreadParts:
    """The rows below one thread, oldest first; commands newest first."""

    calls: list[Call] = field(default_factory=list)
    lines: list[TranscriptEntry] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    takeovers: list[Takeover] = field(default_factory=list)
    pauses: list[Pause] = field(default_factory=list)
    notes: list[PrivateNote] = field(default_factory=list)
    asked: int = 0  # commands of this thread so far
    listening: bool = True
    presence: str = ""


def access_thread(operator: Operator, pk: int) -> Thread:
    """The only way to a thread for somebody; Http404 for what they may not see as for what there is not."""
    found = Thread.objects.visible_to(operator).for_rows().filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404("There is no such conversation.")
    return found


def load_parts(thread: Thread, reader: Operator, now: datetime) -> ThreadParts:
    """One query a kind."""
    newest = TranscriptEntry.objects.filter(call__thread=thread).select_related("call")
    commands, takeovers = Command.objects.filter(thread=thread), Takeover.objects.filter(thread=thread)
    calls = list(thread.calls.order_by("started_at", "id"))
    here = Q(level=Level.AGENT) | Q(level=Level.CONTACT, target=thread.digits)
    here |= Q(level=Level.CALL, target__in=[call.call_uuid for call in calls])
    return ThreadParts(
        calls=calls,
        lines=list(newest.order_by("-sort_time", "-sort_seq", "-sort_n", "-key")[: LINES + 1])[::-1],
        commands=list(commands.filter(verb__in=SHOWN_VERBS).select_related("operator").order_by("-created_at", "-pk")[:COMMANDS]),
        takeovers=list(takeovers.select_related("operator", "previous", "given_by").order_by("began_at", "pk")),
        pauses=list(Pause.objects.filter(here, agent=thread.agent_id).select_related("operator").order_by("began_at", "pk")),
        notes=list(thread.private_notes.select_related("operator")),
        asked=commands.count(),
        listening=is_listening(thread.agent.connection_id, thread.agent.slug, now),
        presence=words_about(thread.pk, reader.pk),
    )


def key_of(thread: Thread, reader: Operator, parts: ThreadParts) -> str:
    """Of the forms on the page: the same in page and push, another one after everything that was done."""
    told = (reader.pk, thread.pk, thread.fence, parts.asked, len(parts.takeovers), len(parts.notes))
    return blake2s("/".join(map(str, told)).encode(), digest_size=16).hexdigest()
