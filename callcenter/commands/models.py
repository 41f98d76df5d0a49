"""The outbox: what operators asked of providers, and what became of it. Rows change only by conditional updates."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4, uuid5

from django.db import models
from django.db.models import Q

from callcenter.calls.models import Agent, Call, Thread
from callcenter.domain.commands.order import Level, Verb
from callcenter.journal.models import Connection


class CommandQuerySet(models.QuerySet["Command"]):
    """Chainable, without evaluation."""

    def waiting(self) -> CommandQuerySet:
        """Not sent yet, oldest first."""
        return self.filter(state=Command.State.PENDING).order_by("created_at", "pk")

    def answerable(self) -> CommandQuerySet:
        """An event may still tell what became of them."""
        return self.filter(state__in=Command.ANSWERABLE).order_by("created_at", "pk")

    def overdue(self, now: datetime) -> CommandQuerySet:
        """Sent, and nothing answered in time."""
        return self.filter(state=Command.State.SENT, confirm_by__lte=now)


class Command(models.Model):
    """One order of an operator to a provider. Nothing leaves ``confirmed`` or ``failed``."""

    class State(models.TextChoices):
        PENDING = "pending", "Waiting to be sent"
        SENDING = "sending", "Being sent"
        SENT = "sent", "Sent"
        CONFIRMED = "confirmed", "Confirmed"
        NOT_CONFIRMED = "not_confirmed", "Not confirmed"
        UNKNOWN = "unknown", "Unknown"
        FAILED = "failed", "Failed"

    class Failure(models.TextChoices):
        EXPIRED = "expired", "Expired"
        REFUSED = "refused", "Refused"
        CANCELLED = "cancelled", "Cancelled"
        TAKEN = "taken", "Taken over by somebody else"

    OPEN = (State.PENDING, State.SENDING, State.SENT)
    ANSWERABLE = (State.SENDING, State.SENT, State.NOT_CONFIRMED, State.UNKNOWN)

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    operator = models.ForeignKey(
        "operators.Operator", on_delete=models.PROTECT, related_name="commands", null=True, help_text="Empty: the console itself."
    )
    key = models.CharField(max_length=64, help_text="Made by the page: the same form sent twice is one command.")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="commands")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="commands", null=True)
    call = models.ForeignKey(Call, on_delete=models.SET_NULL, related_name="commands", null=True)
    thread = models.ForeignKey(Thread, on_delete=models.SET_NULL, related_name="commands", null=True)
    verb = models.CharField(max_length=20, choices=[(verb.value, verb.value) for verb in Verb])
    order = models.JSONField(help_text="What was asked, in our words.")
    frame = models.JSONField(help_text="The provider's own JSON, as it leaves.")
    more_frames: models.JSONField[list[Any], list[Any]] = models.JSONField(
        default=list, blank=True, help_text="Of words that are said in pieces: what leaves after it, in this order."
    )
    fence = models.BigIntegerField(null=True, help_text="The fencing number under which it was asked.")
    state = models.CharField(max_length=16, choices=State, default=State.PENDING)
    failure = models.CharField(max_length=16, choices=Failure, blank=True)
    error = models.TextField(blank=True, help_text="In the provider's own words where it gave any.")
    begun = models.BooleanField(default=False, help_text="The provider is doing it; its end is waited for.")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(help_text="Not sent after this.")
    claimed_at = models.DateTimeField(null=True)
    socket = models.UUIDField(null=True, help_text="The ingest socket that took it.")
    sent_at = models.DateTimeField(null=True)
    confirm_by = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    objects = CommandQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["operator", "key"], name="command_once_per_key")]
        indexes = [
            models.Index(fields=["connection", "created_at"], condition=Q(state="pending"), name="command_waiting"),
            models.Index(fields=["connection", "state", "created_at"], name="command_state"),
            models.Index(fields=["call", "created_at"], name="command_call"),
            models.Index(fields=["thread", "created_at"], name="command_thread"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.state}"

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def messages(self) -> list[tuple[UUID, Any]]:
        """(id, frame) of all that leaves. The first has the command's own id, each later one its own: a relay that has seen an id
        does not pass it on again."""
        return [(self.pk, self.frame), *((uuid5(self.pk, str(n)), frame) for n, frame in enumerate(self.more_frames, 1))]


class OpenSocket(models.Model):
    """An ingest socket that is open now, in whatever process: commands leave by the newest that speaks for the agent."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="sockets")
    agents: models.JSONField[list[Any], list[Any]] = models.JSONField(default=list, help_text="Slugs of the agents it spoke for.")
    streams_only = models.BooleanField(default=False, help_text="An agent's plain stream by all it said: nothing there takes commands.")
    opened_at = models.DateTimeField()
    seen_at = models.DateTimeField(help_text="The process that holds it said so.")

    class Meta:
        ordering = ["-opened_at"]
        indexes = [models.Index(fields=["connection", "-opened_at"], name="socket_newest")]

    def __str__(self) -> str:
        return str(self.pk)


class Takeover(models.Model):
    """One stretch in which an operator answered instead of the agent."""

    class End(models.TextChoices):
        HANDED_BACK = "handed_back", "Handed back"
        REASSIGNED = "reassigned", "Given to somebody else"
        TAKEN = "taken", "Taken by somebody else"
        GIVEN_UP = "given_up", "Given up: the operator was away"
        UNDONE = "undone", "Undone"
        CALL_OVER = "call_over", "The call ended"

    id = models.BigAutoField(primary_key=True)
    call = models.ForeignKey(Call, on_delete=models.SET_NULL, related_name="takeovers", null=True, help_text="Empty on WhatsApp.")
    thread = models.ForeignKey(Thread, on_delete=models.SET_NULL, related_name="takeovers", null=True)
    operator = models.ForeignKey("operators.Operator", on_delete=models.PROTECT, related_name="takeovers")
    previous = models.ForeignKey("operators.Operator", on_delete=models.PROTECT, related_name="+", null=True, help_text="Empty: the agent.")
    given_by = models.ForeignKey(
        "operators.Operator", on_delete=models.PROTECT, related_name="+", null=True, help_text="Empty: they took it themselves."
    )
    fence = models.BigIntegerField()
    why = models.CharField(max_length=300, blank=True)
    began_at = models.DateTimeField()
    first_reply_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=16, choices=End, blank=True)

    class Meta:
        ordering = ["-began_at"]
        constraints = [
            models.UniqueConstraint(fields=["call", "fence"], name="takeover_once_per_call_fence"),
            models.UniqueConstraint(fields=["thread", "fence"], name="takeover_once_per_thread_fence"),
        ]
        indexes = [models.Index(fields=["operator", "ended_at"], name="takeover_open")]

    def __str__(self) -> str:
        return f"{self.operator} from {self.began_at:%Y-%m-%d %H:%M}"


class Pause(models.Model):
    """Who told the agent to stop answering, why and until when. Whether it is silent is the provider's to say: see Agent."""

    id = models.BigAutoField(primary_key=True)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="pauses")
    level = models.CharField(max_length=8, choices=[(level.value, level.value) for level in Level])
    target = models.CharField(max_length=200, blank=True, help_text="Digits of the contact, or the call.")
    operator = models.ForeignKey("operators.Operator", on_delete=models.PROTECT, related_name="pauses")
    why = models.CharField(max_length=300, blank=True)
    began_at = models.DateTimeField()
    until = models.DateTimeField(null=True, help_text="Empty: until somebody resumes.")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-began_at"]
        indexes = [
            models.Index(fields=["agent", "level", "target"], condition=Q(ended_at=None), name="pause_open"),
            models.Index(fields=["until"], condition=Q(ended_at=None), name="pause_due"),
        ]

    def __str__(self) -> str:
        return f"{self.agent} {self.level} {self.target}"
