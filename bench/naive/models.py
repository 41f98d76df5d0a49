"""A call, and everything that was told of it."""

from django.db import models


class Call(models.Model):
    call_uuid = models.CharField(max_length=200, unique=True)
    status = models.CharField(max_length=20, default="ringing")
    last_text = models.TextField(blank=True)
    level = models.FloatField(default=0)
    heard_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return self.call_uuid


class Event(models.Model):
    call = models.ForeignKey(Call, on_delete=models.CASCADE, related_name="events")
    name = models.CharField(max_length=100)
    frame = models.JSONField()
    received_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name
