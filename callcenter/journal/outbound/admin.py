"""Connections that we open, in the administration: their settings, agents of ours, health, and a check of every step."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.formats import localize
from django.utils.timesince import timesince
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from callcenter.domain.commands.capability import ONE_WAY
from callcenter.journal import connections
from callcenter.journal.models import AgentPart, AgentSetup, Connection
from callcenter.journal.outbound.assembling import problems_of
from callcenter.journal.outbound.checking import check
from callcenter.journal.outbound.fields import fields_of, is_rows, label_of, row_struct
from callcenter.journal.outbound.forms import OPTION, SetupForm, form_names, setup_form
from callcenter.journal.outbound.health import (
    NO_RUNNER,
    START_RUNNER,
    absent_of,
    health_of,
    lag_words,
    outbound_of,
    runner_lives,
    the_lease,
    waiting_words,
)
from callcenter.providers.client import Line
from callcenter.providers.clients import CLIENTS, PROVIDERS, Kind

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Connection]
else:
    Base = object

OUTBOUND_SHOWN = ("line", "line_since", "next_try", "last_frame", "reconnects", "waiting_frames", "trouble", "absent", "runner", "missing")
NEVER = "-"


def line_words(connection: Connection) -> str:
    """The state of a connection that we open, in words; of the one that works in that of every other connection."""
    found = outbound_of(connection, timezone.now())
    state = "live" if found.line is Line.UP else found.line.value
    words = START_RUNNER if found.words == NO_RUNNER else found.words
    return f"{state}: {words}" if words else state


def shown_at(at: datetime | None) -> str:
    return localize(timezone.localtime(at)) if at else NEVER


class NewConnectionForm(forms.ModelForm[Connection]):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].required = False

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind, provider = cleaned.get("kind") or Kind.PUSH.value, cleaned.get("provider")
        cleaned["kind"] = kind
        if kind in PROVIDERS and provider and PROVIDERS[Kind(kind)] != provider:
            self.add_error("kind", "This kind belongs to the other provider.")
        return cleaned


class AgentInline(admin.TabularInline[AgentSetup, Connection]):
    model = AgentSetup
    fields = ("slug",)
    extra = 1
    show_change_link = True


def ask_for_secrets_again(context: dict[str, Any]) -> None:
    """``context``: of the change page. An error in any of its forms brings all of them back, without the secrets."""
    if not context["errors"]:
        return
    rows = (form for inline in context["inline_admin_formsets"] for form in inline.formset.forms)
    for form in (context["adminform"].form, *rows):
        if isinstance(form, SetupForm):
            form.ask_again()


class OutboundPages(Base):
    """What the administration of connections adds for those that we open."""

    change_form_template = "admin/journal/connection/change_form.html"

    @method_decorator(sensitive_post_parameters())
    def changeform_view(self, *args: Any, **kwargs: Any) -> Any:
        """A report of a fault shows nothing of what was typed."""
        return super().changeform_view(*args, **kwargs)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        ask_for_secrets_again(context)
        return super().render_change_form(request, context, *args, **kwargs)

    def outbound_fieldsets(self, connection: Connection) -> list[tuple[str | None, dict[str, Any]]]:
        kind = CLIENTS.get(connection.kind)
        shown = [*OUTBOUND_SHOWN[1:], "heard_at", "last_error", "last_error_at"]
        found: list[tuple[str | None, dict[str, Any]]] = [
            (None, {"fields": ("slug", OUTBOUND_SHOWN[0], "provider", "kind", "team", "enabled")}),  # how it is: without scrolling
            ("Health", {"fields": shown}),
        ]
        form = form_of(connection)
        if kind is None or form is None:
            return found
        names = form_names(form.option_fields, form.secret_fields)
        first = {OPTION + name for name in kind.main} if kind.main else set(names)
        secrets = form_names((), form.secret_fields)
        found.insert(1, ("Account", {"fields": [*(name for name in names if name in first and name not in secrets), *secrets]}))
        rest = [name for name in names if name not in first and name not in secrets]
        if rest:
            found.append(("More settings: their defaults fit most accounts", {"classes": ("collapse",), "fields": rest}))
        return found

    def get_form(self, request: HttpRequest, obj: Connection | None = None, change: bool = False, **kwargs: Any) -> Any:
        form: Any = NewConnectionForm if obj is None else form_of(obj)
        return super().get_form(request, obj, change=change, **({"form": form} if form else {}), **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        return super().get_queryset(request).with_health().select_related("team")  # type: ignore[attr-defined,no-any-return]

    def get_inlines(self, request: HttpRequest, obj: Connection | None) -> list[Any]:
        kind = CLIENTS.get(obj.kind) if obj else None
        return [AgentInline] if kind and kind.agent else []

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        connection: Connection = form.instance
        if not connection.is_outbound:
            return
        self._forget_secrets_of_rows(request, connection, form)
        if form.has_changed() or any(formset.has_changed() for formset in formsets):
            connections.open_anew(Connection.objects.filter(pk=connection.pk))
        for problem in problems_of(connection):
            messages.warning(request, f"It is not opened yet: {problem}")

    def _forget_secrets_of_rows(self, request: HttpRequest, connection: Connection, form: Any) -> None:
        """They are entered on other pages; what was stored for one host is not sent to another."""
        kind, moved = CLIENTS.get(connection.kind), getattr(form, "moved", ())
        for part, keeper in kind.rows.items() if kind else ():
            rows = AgentPart.objects.filter(agent__connection=connection, part=part).exclude(secrets={})
            if keeper.sent_to in moved and rows.update(secrets={}):
                words = f"{label_of(keeper.sent_to)} names another host: enter the secrets of {label_of(part)} of its agents again."
                messages.warning(request, words)

    def response_add(self, request: HttpRequest, obj: Connection, post_url_continue: str | None = None) -> HttpResponse:
        """What we open has to be set up first."""
        if obj.is_outbound:
            return HttpResponseRedirect(reverse("admin:journal_connection_change", args=[obj.pk]))
        return super().response_add(request, obj, post_url_continue)

    def get_urls(self) -> list[URLPattern]:
        view, again = self.admin_site.admin_view(require_POST(self.check_view)), self.admin_site.admin_view(require_POST(self.again_view))
        return [
            path("<path:object_id>/check/", view, name="journal_connection_check"),
            path("<path:object_id>/again/", again, name="journal_connection_again"),
            *super().get_urls(),
        ]

    def check_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The steps of connecting, each with one sentence."""
        connection = self._outbound(request, object_id)
        context = {**self.admin_site.each_context(request), "title": f"Check of {connection.slug}", "connection": connection}
        return TemplateResponse(request, "admin/journal/connection/check.html", {**context, "steps": check(connection)})

    def again_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        connection = self._outbound(request, object_id)
        connections.open_anew(Connection.objects.filter(pk=connection.pk))
        self.log_change(request, connection, "Had it opened again.")
        messages.success(request, "The runner opens it anew within a second or two.")
        return HttpResponseRedirect(reverse("admin:journal_connection_change", args=[connection.pk]))

    def _outbound(self, request: HttpRequest, object_id: str) -> Connection:
        found = Connection.objects.exclude(kind=Kind.PUSH)
        return get_object_or_404(found, pk=object_id if object_id.isdigit() else 0)

    # Health

    @admin.display(description="line")
    def line(self, connection: Connection) -> str:
        words = line_words(connection)
        return words if connection.carries_commands else f"{words} {ONE_WAY}"

    @admin.display(description="so since")
    def line_since(self, connection: Connection) -> str:
        health = health_of(connection)
        return shown_at(health.line_at if health else None)

    @admin.display(description="next try")
    def next_try(self, connection: Connection) -> str:
        health = health_of(connection)
        return shown_at(health.next_try_at if health else None)

    @admin.display(description="last frame of the provider")
    def last_frame(self, connection: Connection) -> str:
        health = health_of(connection)
        return shown_at(health.frame_at if health else None)

    @admin.display(description="reconnects, since it was opened")
    def reconnects(self, connection: Connection) -> Any:
        health = health_of(connection)
        return health.reconnects if health else NEVER

    @admin.display(description="frames on disk")
    def waiting_frames(self, connection: Connection) -> str:
        health = health_of(connection)
        return lag_words(health) if health else NEVER

    @admin.display(description="last trouble")
    def trouble(self, connection: Connection) -> str:
        health = health_of(connection)
        if health is None or health.trouble_at is None:
            return NEVER
        return f"{health.trouble} ({timesince(health.trouble_at)} ago)"

    @admin.display(description="what the provider cannot do")
    def absent(self, connection: Connection) -> str:
        return " ".join(absent_of(connection).values()) or NEVER

    @admin.display(description="runner")
    def runner(self, connection: Connection) -> str:
        lease, now = the_lease(), timezone.now()
        place = lease.place if lease and runner_lives(lease, now) else "none"
        return f"{place}. {waiting_words(lease, now)}".strip()

    @admin.display(description="what is missing")
    def missing(self, connection: Connection) -> str:
        return " ".join(problems_of(connection)) or "nothing"


def form_of(connection: Connection) -> type[SetupForm] | None:
    """The form of its kind; None when this console has no client for it, or the provider dials."""
    kind = CLIENTS.get(connection.kind)
    if kind is None:
        return None
    without = ("agents",) if kind.agent else ()
    return setup_form(Connection, kind.options, kind.secrets, kind.help, without=without, long=kind.long, sent_to=kind.sent_to)


class PartFormSet(BaseInlineFormSet[AgentPart, AgentSetup, SetupForm]):
    """A row belongs to the list under which it was written."""

    part = ""

    def save_new(self, form: SetupForm, commit: bool = True) -> AgentPart:
        form.instance.part = self.part
        return super().save_new(form, commit)


class PartInline(admin.StackedInline[AgentPart, AgentSetup]):
    """Subclasses are made for each list of an agent."""

    model = AgentPart
    extra = 0
    part = ""

    def get_queryset(self, request: HttpRequest) -> QuerySet[AgentPart]:
        return super().get_queryset(request).filter(part=self.part)


def part_inlines(connection: Connection) -> list[type[PartInline]]:
    kind = CLIENTS.get(connection.kind)
    if kind is None or kind.agent is None:
        return []
    found = []
    for field in fields_of(kind.agent):
        if not is_rows(field):
            continue
        keeper = kind.rows.get(field.name)
        struct = row_struct(kind.agent, field.name)
        form = setup_form(AgentPart, struct, keeper.struct if keeper else None, kind.help, long=kind.long, rows_as_text=True)
        values: dict[str, Any] = {
            "form": form,
            "part": field.name,
            "formset": type("MadeFormSet", (PartFormSet,), {"part": field.name}),
            "fields": form_names(form.option_fields, form.secret_fields),
            "verbose_name": label_of(field.name).removesuffix("s"),
            "verbose_name_plural": label_of(field.name),
        }
        found.append(type(f"{field.name.title()}Inline", (PartInline,), values))
    return found


@method_decorator(sensitive_post_parameters(), name="changeform_view")
@admin.register(AgentSetup)
class AgentSetupAdmin(admin.ModelAdmin[AgentSetup]):
    """Reached from its connection, where it is added too."""

    readonly_fields = ("connection",)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """There it is added, by its name."""
        return False

    def get_form(self, request: HttpRequest, obj: AgentSetup | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = self._form(obj)
        return super().get_form(request, obj, change=change, **({"form": form} if form else {}), **kwargs)

    def get_fields(self, request: HttpRequest, obj: AgentSetup | None = None) -> list[Any]:
        form = self._form(obj)
        return ["connection", "slug", *(form_names(form.option_fields, ()) if form else [])]

    def get_inlines(self, request: HttpRequest, obj: AgentSetup | None) -> list[Any]:
        return part_inlines(obj.connection) if obj else []

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        ask_for_secrets_again(context)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        connection = form.instance.connection
        connections.open_anew(Connection.objects.filter(pk=connection.pk))
        for problem in problems_of(connection):
            messages.warning(request, f"It is not opened yet: {problem}")

    def delete_model(self, request: HttpRequest, obj: AgentSetup) -> None:
        connection = obj.connection_id
        super().delete_model(request, obj)
        connections.open_anew(Connection.objects.filter(pk=connection))

    def response_change(self, request: HttpRequest, obj: AgentSetup) -> HttpResponse:
        """Back to where one came from."""
        if "_continue" in request.POST:
            return super().response_change(request, obj)
        messages.success(request, f"The agent {obj} was saved.")
        return HttpResponseRedirect(reverse("admin:journal_connection_change", args=[obj.connection_id]))

    def _form(self, obj: AgentSetup | None) -> type[SetupForm] | None:
        kind = CLIENTS.get(obj.connection.kind) if obj else None
        if kind is None or kind.agent is None:
            return None
        return setup_form(AgentSetup, kind.agent, None, kind.help, without=("id",), long=kind.long)
