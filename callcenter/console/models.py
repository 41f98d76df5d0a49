"""What operators and administrators keep for the desks. None of it is ever sent by itself, and none of it comes from a provider."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import QuerySet

from callcenter.calls.models import Thread
from callcenter.operators.models import Operator, Team
from callcenter.operators.numbers import NotDialable, dialable

REPLY_CHARS = 4096  # the longest text WhatsApp takes


class Draft(models.Model):
    """What an operator has typed and not sent yet."""

    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="drafts")
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="drafts")
    text = models.TextField()
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["operator", "thread"], name="draft_once")]

    def __str__(self) -> str:
        return f"{self.operator} to {self.thread}"


class PrivateNote(models.Model):
    """Written for the team, between the lines of a thread. The contact and the agent never see it."""

    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="private_notes")
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="private_notes")
    key = models.CharField(max_length=64, help_text="Made by the page: the same form sent twice is one note.")
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["operator", "key"], name="note_once_per_key")]
        indexes = [models.Index(fields=["thread", "at"], name="note_thread")]

    def __str__(self) -> str:
        return f"{self.operator} on {self.thread}"


class DestinationQuerySet(models.QuerySet["Destination"]):
    def for_team(self, team: int) -> QuerySet[Destination]:
        """The team's own and those of everybody."""
        return self.filter(models.Q(team=team) | models.Q(team=None))


class Destination(models.Model):
    """Where calls are forwarded to again and again: another office, the duty phone."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="destinations", null=True, blank=True, help_text="Empty: all.")
    name = models.CharField(max_length=60)
    number = models.CharField(max_length=200, help_text="With + and the country code, or a SIP address such as sip:name@host.")

    objects = DestinationQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["team", "name"], name="destination_once"),
            models.UniqueConstraint(fields=["name"], condition=models.Q(team=None), name="destination_for_all_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """The number as it is dialled. Raises ValidationError."""
        try:
            self.number = dialable(self.number)
        except NotDialable as error:
            raise ValidationError({"number": str(error)}) from error


class CannedReplyQuerySet(models.QuerySet["CannedReply"]):
    def for_team(self, team: int) -> QuerySet[CannedReply]:
        """The team's own and those of everybody."""
        return self.filter(models.Q(team=team) | models.Q(team=None))


class CannedReply(models.Model):
    """A text that is inserted by ``/`` and may be changed before it is sent."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="canned_replies", null=True, blank=True, help_text="Empty: all.")
    name = models.CharField(max_length=60, help_text="What is typed after / to find it.")
    text = models.TextField(max_length=REPLY_CHARS)

    objects = CannedReplyQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = "canned reply"
        verbose_name_plural = "canned replies"
        constraints = [
            models.UniqueConstraint(fields=["team", "name"], name="canned_reply_once"),
            models.UniqueConstraint(fields=["name"], condition=models.Q(team=None), name="canned_reply_for_all_once"),
        ]

    def __str__(self) -> str:
        return self.name


class ReadMark(models.Model):
    """How far an operator has read a thread. What the contact wrote after it, and nobody answered, is unread."""

    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="read_marks")
    thread = models.ForeignKey(Thread, on_delete=models.CASCADE, related_name="read_marks")
    upto = models.FloatField(help_text="Epoch seconds of the newest line that was read.")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["operator", "thread"], name="read_mark_once")]

    def __str__(self) -> str:
        return f"{self.operator} in {self.thread} until {self.upto}"

    @staticmethod
    def move(operator: Operator, thread: Thread, upto: float, now: datetime) -> bool:
        """Only forwards; True when it moved."""
        made = ReadMark.objects.get_or_create(operator=operator, thread=thread, defaults={"upto": upto, "at": now})[1]
        return made or bool(ReadMark.objects.filter(operator=operator, thread=thread, upto__lt=upto).update(upto=upto, at=now))
