"""The projection in the Django admin: looked at, never changed by hand. Only an agent's team and name are the console's own to set."""

import json
from typing import Any, ClassVar
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from callcenter.calls.models import Agent, AuditEvent, Call, CallNote, Contact, Participant, Recording, Thread, ToolCall, TranscriptEntry
from callcenter.calls.moving import move_agent, rename_agent
from callcenter.calls.paths import recording_path
from callcenter.journal.scopes import agent_scope, call_scope, thread_scope
from callcenter.operators.readonly import ReadOnlyAdmin


def entries_link(scope: str) -> SafeString:
    """From a row to what it was folded from."""
    return format_html('<a href="{}?{}">raw frames</a>', reverse("admin:journal_entry_changelist"), urlencode({"scope": scope}))


def pretty_json(value: Any) -> SafeString | str:
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False)) if value not in (None, {}, []) else "-"


class PartInline(ReadOnlyAdmin, admin.TabularInline[Any, Call]):
    """Rows below a call, in reading order."""

    extra = 0
    can_delete = False
    columns: ClassVar[tuple[str, ...]] = ()

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return self.columns

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return self.columns


class LineInline(PartInline):
    model = TranscriptEntry
    columns = ("at", "speaker", "text", "state", "kind", "delivery", "muted", "recovered")


class ToolInline(PartInline):
    model = ToolCall
    columns = ("at", "name", "state", "pretty_arguments", "pretty_result", "done_at")

    @admin.display(description="arguments")
    def pretty_arguments(self, tool: ToolCall) -> SafeString | str:
        return pretty_json(tool.arguments)

    @admin.display(description="result")
    def pretty_result(self, tool: ToolCall) -> SafeString | str:
        return pretty_json(tool.result)


class NoteInline(PartInline):
    model = CallNote
    columns = ("at", "kind", "pretty_data")

    @admin.display(description="data")
    def pretty_data(self, note: CallNote) -> SafeString | str:
        return pretty_json(note.data)


class AuditInline(PartInline):
    model = AuditEvent
    columns = ("at", "type", "pretty_data")

    @admin.display(description="data")
    def pretty_data(self, event: AuditEvent) -> SafeString | str:
        return pretty_json(event.data)


class ParticipantInline(PartInline):
    model = Participant
    columns = ("member", "role", "at", "left_at")


class RecordingInline(PartInline):
    model = Recording
    columns = ("at", "listen", "duration_ms", "sample_rate", "format", "digest")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Recording]:
        return super().get_queryset(request).select_related("call")

    @admin.display(description="file")
    def listen(self, recording: Recording) -> SafeString:
        return format_html('<a href="{}">listen</a>', recording_path(recording.call.call_uuid, recording.key))


@admin.register(Call)
class CallAdmin(ReadOnlyAdmin, admin.ModelAdmin[Call]):
    list_display = (
        "call_uuid",
        "status",
        "channel",
        "direction",
        "agent",
        "contact_name",
        "number",
        "started_at",
        "duration_s",
        "end_reason",
    )
    list_filter = ("status", "channel", "direction", "connection", "agent")
    list_select_related = ("agent",)
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("call_uuid", "from_number", "to_number", "contact_name", "contact__name", "contact__digits", "metadata")
    search_help_text = "Id, number, name, or a word of the metadata."
    date_hierarchy = "started_at"
    inlines = (LineInline, ToolInline, NoteInline, AuditInline, ParticipantInline, RecordingInline)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "call_uuid",
                    "raw_frames",
                    "status",
                    "end_reason",
                    "error",
                    "channel",
                    "direction",
                    "connection",
                    "agent",
                    "holder",
                )
            },
        ),
        ("Contact", {"fields": ("contact", "contact_name", "from_number", "to_number", "thread", "language", "pretty_metadata")}),
        ("Times", {"fields": ("started_at", "answered_at", "ended_at", "duration_s", "heard_at", "reply_ms", "unanswered_since")}),
        ("State", {"fields": ("held", "muted", "forwarded_to", "alarm", "last_speaker", "last_text", "version", "revision")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Call]:
        return super().get_queryset(request).select_related("agent", "connection", "contact", "holder", "thread__agent", "thread__contact")

    @admin.display(description="number")
    def number(self, call: Call) -> str:
        return call.to_number if call.direction == Call.Direction.OUTBOUND else call.from_number

    @admin.display(description="journal")
    def raw_frames(self, call: Call) -> SafeString:
        return entries_link(call_scope(call.call_uuid))

    @admin.display(description="metadata")
    def pretty_metadata(self, call: Call) -> SafeString | str:
        return pretty_json(call.metadata)


@admin.register(Agent)
class AgentAdmin(admin.ModelAdmin[Agent]):
    list_display = ("shown_name", "slug", "connection", "team", "paused", "unverified_since")
    list_filter = ("connection", "team", "paused")
    list_select_related = ("connection", "team")
    search_fields = ("name", "slug", "team__name")
    fields = (
        "name", "slug", "connection", "team", "raw_frames", "paused", "paused_contacts", "paused_calls", "paused_elsewhere",
        "unverified_since", "version", "revision",
    )  # fmt: skip
    readonly_fields = tuple(field for field in fields if field not in ("name", "team"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # an agent is there as soon as a frame names it

    def has_delete_permission(self, request: HttpRequest, obj: Agent | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Agent, form: forms.ModelForm[Agent], change: bool) -> None:
        """Only these two, for the pipeline writes the rest of the row; the new revision tells open pages to look again."""
        if "name" in form.changed_data:
            rename_agent(obj, obj.name)
        if "team" in form.changed_data:
            move_agent(obj, obj.team)

    @admin.display(description="name", ordering="name")
    def shown_name(self, agent: Agent) -> str:
        return str(agent)

    @admin.display(description="journal")
    def raw_frames(self, agent: Agent) -> SafeString:
        return entries_link(agent_scope(agent.connection_id, agent.slug))


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin, admin.ModelAdmin[Contact]):
    list_display = ("name", "phone", "digits", "team")
    list_filter = ("team",)
    list_select_related = ("team",)
    search_fields = ("name", "phone", "digits")
    fields = ("name", "phone", "digits", "team")
    readonly_fields = fields


@admin.register(Thread)
class ThreadAdmin(ReadOnlyAdmin, admin.ModelAdmin[Thread]):
    list_display = ("contact", "digits", "agent", "last_inbound_at", "last_at")
    list_filter = ("agent",)
    list_select_related = ("contact", "agent")
    search_fields = ("digits", "contact__name", "agent__name")
    date_hierarchy = "last_at"
    fields = ("contact", "digits", "agent", "raw_frames", "last_inbound_at", "last_at", "version", "revision")
    readonly_fields = fields

    @admin.display(description="journal")
    def raw_frames(self, thread: Thread) -> SafeString:
        return entries_link(thread_scope(thread.agent.connection_id, thread.agent.slug, thread.digits))
