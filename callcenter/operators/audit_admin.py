"""The audit trail in the Django admin: searched, filtered and exported, never changed."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.urls import URLPattern, path
from django.utils import timezone

from callcenter.operators import audit
from callcenter.operators.export import csv_answer
from callcenter.operators.models import AuditLine, Operator
from callcenter.operators.readonly import ReadOnlyAdmin

ACTIONS = (
    "accept", "barge", "cancel", "dial", "dtmf", "export", "forward", "give_up", "hand_back", "hang_up", "hold", "mute", "own_phone",
    "pause", "presence", "reading", "reassign", "reject", "resume", "resume_ai", "route", "say", "say_in_pieces", "send", "set_language",
    "sign_in", "sign_out", "stop_speaking",
    "take_over", "undo_take_over", "unhold", "unmute", "whisper",
)  # fmt: skip


class ActionFilter(admin.SimpleListFilter):
    """By the names that are known: to collect those that occur would read the whole trail."""

    title = "action"
    parameter_name = "action"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[AuditLine]) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(name, name.replace("_", " ")) for name in ACTIONS]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditLine]) -> QuerySet[AuditLine]:  # noqa: ARG002
        return queryset.filter(action=self.value()) if self.value() else queryset


class OperatorFilter(admin.SimpleListFilter):
    """By person, and by what the console did by itself."""

    title = "operator"
    parameter_name = "who"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[AuditLine]) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("console", "The console itself"), *((str(pk), name) for pk, name in Operator.objects.values_list("pk", "username"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditLine]) -> QuerySet[AuditLine]:  # noqa: ARG002
        chosen = self.value()
        if chosen == "console":
            return queryset.filter(operator=None)
        return queryset.filter(operator=int(chosen)) if chosen and chosen.isascii() and chosen.isdigit() else queryset


@admin.register(AuditLine)
class AuditLineAdmin(ReadOnlyAdmin, admin.ModelAdmin[AuditLine]):
    list_display = ("at", "who", "action", "target", "result", "address")
    list_filter = (ActionFilter, OperatorFilter)
    list_select_related = ("operator",)
    list_per_page = 100
    show_full_result_count = False
    search_fields = ("target", "name", "operator__username", "address", "result")
    search_help_text = "What it was about, a name, an address, or the result."
    date_hierarchy = "at"
    actions = ("export_chosen",)
    change_list_template = "admin/audit_list.html"

    @admin.display(description="who", ordering="name")
    def who(self, line: AuditLine) -> str:
        return line.name or "the console"

    def get_urls(self) -> list[URLPattern]:
        return [path("export/", self.admin_site.admin_view(self.export_filtered), name="operators_auditline_export"), *super().get_urls()]

    def export_filtered(self, request: HttpRequest) -> StreamingHttpResponse:
        """Everything that the list shows under these filters, on all its pages."""
        found: QuerySet[Any] = self.get_changelist_instance(request).get_queryset(request)
        return self._export(request, found, request.GET.urlencode())

    @admin.action(description="Export the chosen lines as CSV", permissions=["view"])
    def export_chosen(self, request: HttpRequest, queryset: QuerySet[AuditLine]) -> StreamingHttpResponse:
        return self._export(request, queryset, "chosen lines")

    def _export(self, request: HttpRequest, found: QuerySet[AuditLine], what: str) -> StreamingHttpResponse:
        """Taking the trail away is an act of its own."""
        now = timezone.now()
        newest = AuditLine.objects.values_list("pk", flat=True).first() or 0
        operator = request.user if isinstance(request.user, Operator) else None
        audit.record(operator, "export", "audit", address=audit.address_of(request), detail={"filter": what[:500]})
        return csv_answer(found.filter(pk__lte=newest), now)
