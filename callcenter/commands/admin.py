"""Commands, takeovers, pauses and open ingest sockets in the Django admin: looked at, never changed."""

import json

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString

from callcenter.calls.models import called
from callcenter.commands.models import Command, OpenSocket, Pause, Takeover
from callcenter.operators.readonly import ReadOnlyAdmin


def pretty(value: object) -> SafeString:
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False))


@admin.register(Command)
class CommandAdmin(ReadOnlyAdmin, admin.ModelAdmin[Command]):
    list_display = ("created_at", "verb", "state", "failure", "operator", "connection", "agent", "call", "thread", "error")
    list_filter = ("state", "verb", "connection", "failure")
    list_select_related = ("operator", "connection", "agent", "call", "thread__agent", "thread__contact")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("id", "call__call_uuid", "thread__digits", "operator__username", "agent__slug", "error")
    search_help_text = "Id of the command or the call, number of the thread, operator, agent, or words of the error."
    date_hierarchy = "created_at"
    fieldsets = (
        (None, {"fields": ("id", "verb", "state", "failure", "error", "operator", "key")}),
        ("About", {"fields": ("connection", "agent", "call", "thread", "fence")}),
        ("What was asked", {"fields": ("pretty_order", "pretty_frame")}),
        ("When", {"fields": ("created_at", "expires_at", "claimed_at", "socket", "sent_at", "begun", "confirm_by", "done_at")}),
    )
    readonly_fields = ("pretty_order", "pretty_frame", "created_at", "id")

    @admin.display(description="in our words")
    def pretty_order(self, command: Command) -> SafeString:
        return pretty(command.order)

    @admin.display(description="as it leaves")
    def pretty_frame(self, command: Command) -> SafeString:
        return pretty([command.frame, *command.more_frames] if command.more_frames else command.frame)


@admin.register(Takeover)
class TakeoverAdmin(ReadOnlyAdmin, admin.ModelAdmin[Takeover]):
    list_display = ("began_at", "operator", "about", "ended_at", "ended_how", "why")  # as many as fit: the row's page has the rest
    list_filter = ("ended_how", ("ended_at", admin.EmptyFieldListFilter), "operator")
    list_select_related = ("operator", "given_by", "previous", "call", "thread__agent", "thread__contact")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("call__call_uuid", "thread__digits", "operator__username", "why")
    date_hierarchy = "began_at"

    @admin.display(description="call or thread")
    def about(self, takeover: Takeover) -> str:
        return str(takeover.call or takeover.thread or "-")


@admin.register(Pause)
class PauseAdmin(ReadOnlyAdmin, admin.ModelAdmin[Pause]):
    list_display = ("began_at", "agent", "level", "target", "operator", "why", "until", "ended_at")
    list_filter = ("level", ("ended_at", admin.EmptyFieldListFilter), "agent")
    list_select_related = ("agent", "operator")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("target", "agent__slug", "agent__name", "operator__username", "why")
    date_hierarchy = "began_at"


@admin.register(OpenSocket)
class OpenSocketAdmin(ReadOnlyAdmin, admin.ModelAdmin[OpenSocket]):
    list_display = ("id", "connection", "speaks_for", "streams_only", "opened_at", "seen_at")
    list_filter = ("connection",)
    list_select_related = ("connection",)
    search_fields = ("connection__slug",)
    date_hierarchy = "opened_at"

    @admin.display(description="speaks for")
    def speaks_for(self, socket: OpenSocket) -> str:
        return ", ".join(called(str(slug)) for slug in socket.agents) or "any agent"
