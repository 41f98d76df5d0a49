"""The projection: rows folded from the journal. ``calls.project`` is their only writer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models

from callcenter.calls.querysets import CallQuerySet, ThreadQuerySet
from callcenter.domain.events.base import LINE

if TYPE_CHECKING:
    from callcenter.operators.models import Operator


def called(name: str) -> str:
    """An agent's name for lists; a phone line is known by its number."""
    return f"Line {name.removeprefix(LINE)}" if name.startswith(LINE) else name


class Agent(models.Model):
    """The AI agent on the provider's side."""

    connection = models.ForeignKey("journal.Connection", on_delete=models.PROTECT, related_name="agents")
    slug = models.CharField(max_length=200)
    name = models.CharField(max_length=200, help_text="As people know it. Sippet tells none: give one.")
    team = models.ForeignKey("operators.Team", on_delete=models.PROTECT, related_name="agents")
    paused = models.BooleanField(default=False)
    paused_contacts = models.JSONField(default=list, help_text="Digits of contacts the agent does not answer.")
    paused_calls = models.JSONField(default=list)
    paused_elsewhere = models.JSONField(default=list, help_text="Calls seen paused though no level we know of says so.")
    unverified_since = models.DateTimeField(null=True, help_text="Displaced, or its voice link is down: its calls are unverified.")
    version = models.BigIntegerField(default=0)
    revision = models.BigIntegerField(default=0, db_index=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["connection", "slug"], name="agent_once_per_connection")]

    def __str__(self) -> str:
        return called(self.name)

    @property
    def is_line(self) -> bool:
        """A phone line of the provider, which hands its calls to agents; it is no agent itself."""
        return self.slug.startswith(LINE)


class Contact(models.Model):
    """The person at the other end, as one team knows them: identified by digits, never by the profile name."""

    team = models.ForeignKey("operators.Team", on_delete=models.PROTECT, related_name="contacts")
    digits = models.CharField(max_length=64)
    phone = models.CharField(max_length=64)
    name = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["name", "digits"]
        constraints = [models.UniqueConstraint(fields=["team", "digits"], name="contact_once_per_team")]

    def __str__(self) -> str:
        return self.name or self.phone


class Thread(models.Model):
    """The WhatsApp conversation of one contact with one agent over one connection, across provider sessions."""

    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="threads")
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="threads")
    digits = models.CharField(max_length=64)
    holder = models.ForeignKey("operators.Operator", on_delete=models.PROTECT, related_name="held_threads", null=True)
    fence = models.BigIntegerField(default=0, help_text="How often the holder changed.")
    last_inbound_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    version = models.BigIntegerField(default=0)
    revision = models.BigIntegerField(default=0, db_index=True)

    objects = ThreadQuerySet.as_manager()

    class Meta:
        ordering = ["-last_at"]
        constraints = [models.UniqueConstraint(fields=["agent", "digits"], name="thread_once_per_contact")]

    def __str__(self) -> str:
        return f"{self.contact} · {self.agent}"


class Call(models.Model):
    """One conversation of any channel as the provider counts it."""

    class Status(models.TextChoices):
        DIALING = "dialing", "Dialing"
        RINGING = "ringing", "Ringing"
        ANSWERED = "answered", "Answered"
        COMPLETED = "completed", "Completed"

    class Channel(models.TextChoices):
        PHONE = "phone", "Phone"
        WEBRTC = "webrtc", "WebRTC"
        CHAT = "chat", "Chat"
        WHATSAPP = "whatsapp", "WhatsApp"

    class Direction(models.TextChoices):
        INBOUND = "inbound", "Inbound"
        OUTBOUND = "outbound", "Outbound"

    id = models.BigAutoField(primary_key=True)
    call_uuid = models.CharField(max_length=200, unique=True)
    connection = models.ForeignKey("journal.Connection", on_delete=models.PROTECT, related_name="calls")
    agent = models.ForeignKey(Agent, on_delete=models.PROTECT, related_name="calls", null=True)
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="calls", null=True)
    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="calls", null=True)
    holder = models.ForeignKey("operators.Operator", on_delete=models.PROTECT, related_name="held_calls", null=True)
    fence = models.BigIntegerField(default=0, help_text="How often the holder changed.")
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.PHONE)
    direction = models.CharField(max_length=10, choices=Direction.choices, default=Direction.INBOUND)
    from_number = models.CharField(max_length=200, blank=True)
    to_number = models.CharField(max_length=200, blank=True)
    contact_name = models.CharField(max_length=200, blank=True)
    metadata = models.JSONField(default=dict)
    language = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RINGING)
    end_reason = models.CharField(max_length=200, blank=True)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    duration_s = models.FloatField(default=0)
    heard_at = models.DateTimeField(null=True, help_text="Arrival of the last durable frame.")
    held = models.BooleanField(default=False)
    muted = models.BooleanField(default=False)
    forwarded_to = models.CharField(max_length=200, blank=True)
    alarm = models.CharField(max_length=40, blank=True, help_text="credits_exhausted, max_duration, idle_timeout or nothing")
    last_speaker = models.CharField(max_length=10, blank=True)
    last_text = models.CharField(max_length=500, blank=True)
    reply_ms = models.IntegerField(null=True, help_text="Median delay from the end of the contact's turn to the agent's reply.")
    unanswered_since = models.DateTimeField(null=True, help_text="Arrival of the contact's first words that nobody has answered.")
    archived = models.BooleanField(db_default=False, editable=False, help_text="Its entries were put into the archive of the journal.")
    version = models.BigIntegerField(default=0)
    revision = models.BigIntegerField(default=0, db_index=True)
    desk_revision = models.BigIntegerField(default=0, help_text="Revision at which what operators asked for it changed last.")

    objects = CallQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at", "-id"]
        indexes = [
            models.Index(fields=["status", "started_at"], name="call_status_started"),
            models.Index(fields=["status", "ended_at"], name="call_status_ended"),
            models.Index(fields=["contact", "-started_at"], name="call_contact_started"),
            models.Index(fields=["agent", "status"], name="call_agent_status"),
            models.Index(fields=["-started_at", "-id"], name="call_newest"),
            # Only what is still to be archived: it stays small, however many calls there were.
            models.Index(fields=["ended_at"], condition=models.Q(archived=False), name="call_to_archive"),
        ]

    def __str__(self) -> str:
        return self.call_uuid

    @property
    def answering(self) -> Operator | None:
        """The operator who answers the contact, None = the agent does. On WhatsApp the whole thread has one."""
        return self.thread.holder if self.thread is not None else self.holder


class Tombstone(models.Model):
    """A call whose row is gone, so that whoever reads by revision learns of it. Kept for a week: see ``calls.tombstones``."""

    call_uuid = models.CharField(max_length=200, unique=True)
    team = models.ForeignKey("operators.Team", on_delete=models.CASCADE, related_name="+", help_text="To whom the call belonged.")
    deleted_at = models.DateTimeField(db_index=True)
    revision = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return self.call_uuid


class CallPart(models.Model):
    """What the parts of a call share: a key that is unique in the call, and the call's ``version`` at their last change."""

    key = models.CharField(max_length=260)
    at = models.DateTimeField(null=True)
    sort_time = models.FloatField(default=0, help_text="Epoch seconds; with sort_seq and sort_n the reading order.")
    sort_seq = models.BigIntegerField(default=0)
    sort_n = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ["sort_time", "sort_seq", "sort_n", "key"]

    def __str__(self) -> str:
        return self.key


class TranscriptEntry(CallPart):
    """One line of the transcript."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="lines")
    message_id = models.CharField(max_length=200, blank=True)
    speaker = models.CharField(max_length=10)
    text = models.TextField(blank=True)
    announced = models.TextField(blank=True, help_text="What the agent announced, while it is not all heard yet.")
    state = models.CharField(max_length=12)
    kind = models.CharField(max_length=20, default="text")
    delivery = models.CharField(max_length=10, blank=True)
    delivery_inferred = models.BooleanField(default=False)
    delivery_error = models.CharField(max_length=300, blank=True, help_text="Why it was not delivered, as the provider said it.")
    muted = models.BooleanField(default=False)
    recovered = models.BooleanField(default=False)

    class Meta(CallPart.Meta):
        verbose_name_plural = "transcript entries"
        constraints = [models.UniqueConstraint(fields=["call", "key"], name="line_once")]


class ToolCall(CallPart):
    """A tool the agent called. ``result`` is null while it runs, and when it is confidential."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="tools")
    tool_id = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=200, blank=True)
    arguments = models.JSONField(null=True)
    result = models.JSONField(null=True)
    state = models.CharField(max_length=12, default="running", help_text="running, done, failed or confidential")
    done_at = models.DateTimeField(null=True)

    class Meta(CallPart.Meta):
        constraints = [models.UniqueConstraint(fields=["call", "key"], name="tool_once")]


class AuditEvent(CallPart):
    """Sippet: what the agent did, with tokens, steps and tool data."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="audit")
    type = models.CharField(max_length=200)
    data = models.JSONField(default=dict)

    class Meta(CallPart.Meta):
        constraints = [models.UniqueConstraint(fields=["call", "key"], name="audit_once")]


class Participant(CallPart):
    """A leg of the call. ``at`` is when it joined."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="participants")
    member = models.CharField(max_length=200)
    role = models.CharField(max_length=40, blank=True)
    left_at = models.DateTimeField(null=True)

    class Meta(CallPart.Meta):
        constraints = [models.UniqueConstraint(fields=["call", "key"], name="participant_once")]


class CallNote(CallPart):
    """A moment of the call that is neither a line nor a tool: tones, hold, forwarding, limits, skills ..."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=40)
    data = models.JSONField(default=dict)

    class Meta(CallPart.Meta):
        constraints = [models.UniqueConstraint(fields=["call", "key"], name="note_once")]


class Recording(CallPart):
    """Audio of the call, stored as a file."""

    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="recordings")
    file = models.FileField(upload_to="recordings/", max_length=300)
    digest = models.CharField(max_length=64)
    format = models.CharField(max_length=10, default="wav")
    duration_ms = models.IntegerField(default=0)
    sample_rate = models.IntegerField(default=0)

    class Meta(CallPart.Meta):
        constraints = [models.UniqueConstraint(fields=["call", "key"], name="recording_once")]
