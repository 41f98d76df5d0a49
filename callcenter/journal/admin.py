"""Connections with their health, the journal, and frames nobody could read, in the Django admin."""

import json
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.timesince import timesince

from callcenter.domain.events.console import FACTS
from callcenter.journal import connections
from callcenter.journal.models import Connection, DeadLetter, Entry
from callcenter.journal.outbound.admin import OUTBOUND_SHOWN, OutboundPages, line_words
from callcenter.journal.outbound.health import health_of
from callcenter.journal.revision import next_revision
from callcenter.operators.readonly import ReadOnlyAdmin
from callcenter.providers.pinecall.catalogue import CATALOGUE as PINECALL
from callcenter.providers.sippet.catalogue import CATALOGUE as SIPPET

QUIET = timedelta(minutes=1)
SHOWN = 80  # characters of a text in a list
FRAME_SHOWN = 60
WEBHOOKS = (
    "Webhooks",
    {
        "fields": ("webhooks",),
        "description": "With the address of this console before it, it goes into the provider's settings. It is as secret as the token.",
    },
)


@admin.register(Connection)
class ConnectionAdmin(OutboundPages, admin.ModelAdmin[Connection]):
    list_display = ("slug", "state", "heard", "error", "kind", "provider", "team", "enabled")
    list_filter = ("kind", "provider", "team", "enabled")
    list_select_related = ("team",)
    search_fields = ("slug", "team__name", "token_prefix")
    date_hierarchy = "created_at"
    actions = ("rotate_token", "connect_again")
    add_fieldsets = ((None, {"fields": ("slug", "provider", "kind", "team")}),)
    fieldsets = (
        (None, {"fields": ("slug", "provider", "kind", "team", "enabled")}),
        ("Health", {"fields": ("state", "heard_at", "last_error", "last_error_at")}),
        ("Token", {"fields": ("token_prefix", "token_rotated_at", "created_at")}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Connection | None = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        found = self.outbound_fieldsets(obj) if obj.is_outbound else [*self.fieldsets]
        return [*found, WEBHOOKS] if connections.hook_path(obj) else found

    def get_readonly_fields(self, request: HttpRequest, obj: Connection | None = None) -> tuple[str, ...]:
        """Slug and provider are part of what the journal means: they stay as they were made."""
        shown = ("state", "heard_at", "last_error", "last_error_at", "token_prefix", "token_rotated_at", "created_at", "webhooks")
        return ("slug", "provider", "kind", *shown, *OUTBOUND_SHOWN) if obj else ()

    def save_model(self, request: HttpRequest, obj: Connection, form: forms.ModelForm[Connection], change: bool) -> None:
        if change:
            # Only what the form shows: the pipeline writes the rest of the row at the same time.
            obj.save(update_fields=["team", "enabled", "options", "secrets"])
        else:
            made, plaintext = connections.add_connection(obj.slug, obj.provider, obj.team, kind=obj.kind)
            obj.pk = made.pk
            if not obj.is_outbound:
                self._show_token(request, obj, plaintext)
        Connection.objects.filter(pk=obj.pk).update(revision=next_revision())

    @admin.action(description="Give a new token (shown once; the old one opens nothing any more)", permissions=["change"])
    def rotate_token(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        for connection in queryset:
            plaintext = connections.rotate_token(connection)
            self.log_change(request, connection, "Gave it a new token.")
            self._show_token(request, connection, plaintext)

    def _show_token(self, request: HttpRequest, connection: Connection, plaintext: str) -> None:
        self.message_user(request, f"Token of {connection.slug}, shown this once: {plaintext}", messages.WARNING)

    @admin.display(description="state")
    def state(self, connection: Connection) -> str:
        return state_of(connection)

    @admin.display(description="address")
    def webhooks(self, connection: Connection) -> str:
        """Whoever knows it can send hints: it changes with the token."""
        return connections.hook_path(connection)

    @admin.action(description="Connect again (what the runner gave up it tries anew)", permissions=["change"])
    def connect_again(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        connections.open_anew(queryset)
        self.message_user(request, "The runner opens them anew within a second or two.")

    @admin.display(description="last heard", ordering="heard_at")
    def heard(self, connection: Connection) -> str:
        return ago(connection.heard_at) if connection.heard_at else "-"

    @admin.display(description="last error", ordering="last_error_at")
    def error(self, connection: Connection) -> str:
        return last_trouble(connection)[:SHOWN] or "-"


def ago(at: datetime) -> str:
    return "just now" if timezone.now() - at < QUIET else f"{timesince(at)} ago"


def last_trouble(connection: Connection) -> str:
    """What went wrong last: at the door, or on a line that we opened."""
    health = health_of(connection)
    at, door_at = health.trouble_at if health else None, connection.last_error_at
    if health is not None and at is not None and (door_at is None or at > door_at):
        return health.trouble
    return connection.last_error


def state_of(connection: Connection) -> str:
    """The health of a connection in words."""
    if not connection.enabled:
        return "disabled: refused at the door"
    if connection.is_outbound:
        return line_words(connection)
    if connection.heard_at is None:
        return "never heard"
    if timezone.now() - connection.heard_at < QUIET:
        return "live"
    return f"silent for {timesince(connection.heard_at)}"


class EventFilter(admin.SimpleListFilter):
    """By the names that are known: to collect those that occur would read the whole journal."""

    title = "event"
    parameter_name = "event"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Entry]) -> list[tuple[str, str]]:
        durable = [name for catalogue in (PINECALL, SIPPET) for name, row in catalogue.items() if row.durable]
        return [(name, name) for name in sorted({*durable, *FACTS})]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Entry]) -> QuerySet[Entry]:
        return queryset.filter(event=self.value()) if self.value() else queryset


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin, admin.ModelAdmin[Entry]):
    list_display = ("id", "received", "connection", "scope", "n", "event", "start_of_frame")
    list_filter = ("connection", "origin", EventFilter)
    list_select_related = ("connection",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("=scope",)
    search_help_text = "The id of a call, or a whole scope."
    date_hierarchy = "received_at"
    ordering = ("-id",)
    fields = ("scope", "n", "event", "origin", "connection", "received", "ts", "seq", "key", "pretty_frame")
    readonly_fields = fields

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Entry], search_term: str) -> tuple[QuerySet[Entry], bool]:
        """Exact, so that the index of scopes answers, however long the journal is."""
        term = search_term.strip()
        return (queryset.filter(Q(scope=term) | Q(scope=f"call:{term}")) if term else queryset), False

    @admin.display(description="received", ordering="received_at")
    def received(self, entry: Entry) -> str:
        return to_the_millisecond(entry.received_at)

    @admin.display(description="frame")
    def start_of_frame(self, entry: Entry) -> str:
        return Truncator(entry.frame).chars(FRAME_SHOWN)

    @admin.display(description="frame")
    def pretty_frame(self, entry: Entry) -> SafeString:
        return pretty(entry.frame)


@admin.register(DeadLetter)
class DeadLetterAdmin(ReadOnlyAdmin, admin.ModelAdmin[DeadLetter]):
    list_display = ("id", "received", "connection", "error", "start_of_frame")
    list_filter = ("connection",)
    list_select_related = ("connection",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("error", "frame")
    date_hierarchy = "received_at"
    fields = ("connection", "received", "error", "stream", "envelope", "pretty_frame")
    readonly_fields = fields

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Read and dealt with, they may go."""
        return request.user.has_perm("journal.delete_deadletter")

    @admin.display(description="received", ordering="received_at")
    def received(self, letter: DeadLetter) -> str:
        return to_the_millisecond(letter.received_at)

    @admin.display(description="frame")
    def start_of_frame(self, letter: DeadLetter) -> str:
        return Truncator(letter.frame).chars(FRAME_SHOWN)

    @admin.display(description="frame")
    def pretty_frame(self, letter: DeadLetter) -> SafeString:
        return pretty(letter.frame)


def to_the_millisecond(at: datetime) -> str:
    """Frames come several a second: ``2026-11-21 10:32:05.123``, in the time zone of the settings."""
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def pretty(frame: str) -> SafeString:
    """A frame for the eye: indented when it is JSON, else as it came."""
    with suppress(ValueError, RecursionError):
        frame = json.dumps(json.loads(frame), indent=2, ensure_ascii=False)
    return format_html("<pre>{}</pre>", frame)
