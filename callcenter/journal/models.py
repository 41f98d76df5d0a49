"""The journal: what came in, as it came, in the order of arrival. Rows elsewhere are folded from it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.db import models

from callcenter.providers.clients import READ_ONLY, TITLES, Kind


class ConnectionQuerySet(models.QuerySet["Connection"]):
    """Chainable, without evaluation."""

    def with_health(self) -> ConnectionQuerySet:
        """What the runner says of each, and ``runner_seen_at``: when a runner last said that it lives, None = none does."""
        lease = RunnerLease.objects.filter(pk=1).exclude(holder="")
        return self.select_related("health").annotate(runner_seen_at=models.Subquery(lease.values("seen_at")[:1]))


class Connection(models.Model):
    """One configured provider account that sends frames and takes commands."""

    class Provider(models.TextChoices):
        PINECALL = "pinecall", "Pinecall"
        SIPPET = "sippet", "Sippet"

    slug = models.SlugField(unique=True, help_text="Part of the ingest address; cannot be changed later.")
    provider = models.CharField(max_length=20, choices=Provider.choices)
    kind = models.CharField(
        max_length=24,
        choices=[(kind.value, title) for kind, title in TITLES.items()],
        default=Kind.PUSH.value,
        help_text="Who dials whom. Cannot be changed later.",
    )
    team = models.ForeignKey(
        "operators.Team", on_delete=models.PROTECT, related_name="connections", help_text="Agents not seen before join this team."
    )
    enabled = models.BooleanField(default=True, help_text="A disabled connection is refused at the door, and we do not open it.")
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    token_prefix = models.CharField(max_length=12, editable=False)
    token_rotated_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    heard_at = models.DateTimeField(null=True, editable=False, help_text="Last frame of any kind, to within a few seconds.")
    last_error = models.TextField(blank=True, editable=False)
    last_error_at = models.DateTimeField(null=True, editable=False)
    version = models.BigIntegerField(default=0, editable=False)
    revision = models.BigIntegerField(default=0, editable=False, db_index=True)
    options: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict, editable=False)
    secrets: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(
        default=dict, editable=False, help_text="Each encrypted by itself."
    )
    setup = models.BigIntegerField(default=0, editable=False, help_text="Rises when the runner has to open it anew.")
    took_commands = models.BooleanField(
        default=False, db_default=False, editable=False, help_text="A socket that takes commands was open some time."
    )

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug

    @property
    def is_outbound(self) -> bool:
        """We dial."""
        return self.kind != Kind.PUSH

    @property
    def carries_commands(self) -> bool:
        return self.kind not in READ_ONLY

    @property
    def posts_only(self) -> bool:
        """Frames came, by HTTP or by a socket that only sends, and never a socket that takes commands."""
        return not self.is_outbound and self.heard_at is not None and not self.took_commands


class AgentSetup(models.Model):
    """An agent that runs over our own line to the provider."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="agent_setups")
    slug = models.SlugField("name", max_length=100, help_text="Under this name the provider knows the agent.")
    options: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict, editable=False)

    class Meta:
        verbose_name = "agent of ours"
        verbose_name_plural = "agents of ours"
        ordering = ["slug"]
        constraints = [models.UniqueConstraint(fields=["connection", "slug"], name="agent_setup_once_per_slug")]

    def __str__(self) -> str:
        return self.slug


class AgentPart(models.Model):
    """One row of such an agent: a number on which it answers, a WhatsApp account, a tool."""

    agent = models.ForeignKey(AgentSetup, on_delete=models.CASCADE, related_name="parts")
    part = models.CharField(max_length=40, editable=False, help_text="The list it belongs to.")
    options: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(default=dict, editable=False)
    secrets: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(
        default=dict, editable=False, help_text="Each encrypted by itself."
    )

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(next(iter(self.options.values()), self.part))


class ConnectionHealth(models.Model):
    """What the runner says about a connection that we open, at most once a second."""

    connection = models.OneToOneField(Connection, on_delete=models.CASCADE, related_name="health", primary_key=True)
    fence = models.BigIntegerField(help_text="Of the runner that wrote it: an older one changes nothing any more.")
    line = models.CharField(max_length=12)
    words = models.TextField(blank=True)
    line_at = models.DateTimeField(null=True, help_text="Since when the line is so.")
    down_since = models.DateTimeField(null=True, help_text="When the line was last up; empty while it is.")
    next_try_at = models.DateTimeField(null=True)
    frame_at = models.DateTimeField(null=True)
    reconnects = models.BigIntegerField(default=0)
    relay = models.TextField(blank=True, help_text="Why frames do not get into ingest; empty = they do.")
    spooled = models.BigIntegerField(default=0, help_text="Frames that wait on disk.")
    spooled_since = models.DateTimeField(null=True, help_text="Age of the oldest of them.")
    trouble = models.TextField(blank=True)
    trouble_at = models.DateTimeField(null=True)
    absent: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(
        default=dict, help_text="Actions that the provider was found not to know, with a sentence for each."
    )

    def __str__(self) -> str:
        return f"{self.line} {self.words}".strip()


def new_installation() -> str:
    return uuid4().hex


class RunnerLease(models.Model):
    """Who runs the connections: one process at a time, fenced. ``beat`` rises while it lives; clocks are only for show."""

    installation = models.CharField(
        max_length=32, default=new_installation, editable=False, help_text="Names this database: what a runner keeps on disk belongs to it."
    )
    holder = models.CharField(max_length=40, blank=True)
    place = models.CharField(max_length=200, blank=True, help_text="Host and process.")
    fence = models.BigIntegerField(default=0)
    beat = models.BigIntegerField(default=0)
    seen_at = models.DateTimeField(null=True)
    waiting = models.CharField(max_length=200, blank=True, help_text="A second runner that waits.")
    waiting_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.place


class Entry(models.Model):
    """One line of the journal: a durable event, or a fact of the console itself. Never changed, and never lost: see Archive."""

    class Origin(models.TextChoices):
        PROVIDER = "provider", "Provider"
        CONSOLE = "console", "Console"

    id = models.BigAutoField(primary_key=True)
    scope = models.CharField(max_length=260, help_text='"call:…", "thread:…", "agent:…" or "conn:…"')
    n = models.BigIntegerField(help_text="Arrival number inside the scope, from 1.")
    key = models.CharField(max_length=64, help_text="Removes replays inside the scope.")
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="entries")
    event = models.CharField(max_length=200)
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.PROVIDER)
    received_at = models.DateTimeField()
    ts = models.FloatField(null=True, help_text="The provider's time, epoch seconds.")
    seq = models.BigIntegerField(null=True)
    frame = models.TextField(help_text="The frame as it came, without audio and confidential results.")

    class Meta:
        verbose_name_plural = "entries"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["scope", "n"], name="entry_once_per_number"),
            models.UniqueConstraint(fields=["scope", "key"], name="entry_once_per_key"),
        ]
        indexes = [models.Index(fields=["received_at"], name="entry_received")]

    def __str__(self) -> str:
        return f"{self.scope} #{self.n} {self.event}"


class Archive(models.Model):
    """All entries of one call that is over for long, in one row: see ``journal.archive``, which alone knows ``data``."""

    id = models.BigAutoField(primary_key=True)
    scope = models.CharField(max_length=260, unique=True)
    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="archives")
    last = models.BigIntegerField(help_text="Number of the last entry in it; the journal goes on after it.")
    count = models.IntegerField()
    data = models.BinaryField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.scope


class DeadLetter(models.Model):
    """A frame that could not be read, kept for the administrator."""

    id = models.BigAutoField(primary_key=True)
    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="dead_letters")
    received_at = models.DateTimeField(db_index=True)
    error = models.CharField(max_length=300)
    frame = models.TextField(help_text="At most the first 64 KiB.")
    stream = models.CharField(max_length=100, blank=True)
    envelope = models.BigIntegerField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.error


class StreamPosition(models.Model):
    """The last envelope committed of one stream of a connection; written with the batch that it belongs to.

    Streams that senders name stay; one made for an Idempotency-Key, or for the pieces of a long body, is forgotten later.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="streams")
    stream = models.CharField(max_length=100)
    last_id = models.BigIntegerField()
    forget_at = models.DateTimeField(null=True, db_index=True, help_text="Empty for a stream that its sender named.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "stream"], name="one_position_per_stream")]

    def __str__(self) -> str:
        return f"{self.stream} @ {self.last_id}"


class Revision(models.Model):
    """The one counter behind every ``revision``. Locked from where it is taken to the commit: its order is commit order."""

    value = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.value)
