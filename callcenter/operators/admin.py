"""People, teams and API tokens in the Django admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from callcenter.operators import audit_admin, presence_admin, tokens  # noqa: F401  (they register their pages)
from callcenter.operators.models import ApiToken, Operator, Team
from callcenter.operators.people import give_role

admin.site.site_header = "Call centre"
admin.site.site_title = "Call centre"
admin.site.index_title = "Administration"
# Rights come from roles and teams here; Django's own groups would only look as if they did something.
admin.site.unregister(Group)


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin[Team]):
    list_display = ("name", "people")
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        return super().get_queryset(request).annotate(people_count=Count("operators"))

    @admin.display(description="people", ordering="people_count")
    def people(self, team: Team) -> int:
        count: int = getattr(team, "people_count")  # noqa: B009  (annotated above)
        return count


@admin.register(Operator)
class OperatorAdmin(UserAdmin[Operator]):
    list_display = ("username", "display_name", "role", "team_names", "is_active", "last_login")
    list_filter = ("role", "teams", "is_active")
    search_fields = ("username", "first_name", "last_name", "email", "teams__name")
    date_hierarchy = "date_joined"
    filter_horizontal = ("teams",)
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email", "phone", "sip_user")}),
        ("Rights", {"fields": ("role", "teams", "is_active")}),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"classes": ("wide",), "fields": ("username", "usable_password", "password1", "password2", "role", "teams")}),)
    actions = ("issue_token",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Operator]:
        return super().get_queryset(request).prefetch_related("teams")

    def save_model(
        self, request: HttpRequest, obj: Operator, form: forms.ModelForm[Operator] | AdminUserCreationForm[Operator], change: bool
    ) -> None:
        give_role(obj, obj.role)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if form.instance.in_no_team:
            words = f"{form.instance.username} belongs to no team and sees no calls: choose one under Teams."
            self.message_user(request, words, messages.WARNING)

    @admin.display(description="teams")
    def team_names(self, operator: Operator) -> str:
        return ", ".join(team.name for team in operator.teams.all())

    @admin.action(description="Issue an API token (its text is shown once)", permissions=["change"])
    def issue_token(self, request: HttpRequest, queryset: QuerySet[Operator]) -> None:
        for operator in queryset:
            _, plaintext = tokens.issue(operator, f"issued by {request.user.get_username()}")
            self.message_user(request, f"Token of {operator.username}, shown this once: {plaintext}", messages.WARNING)


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin[ApiToken]):
    list_display = ("prefix", "name", "operator", "created_at", "last_used_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "operator__role")
    list_select_related = ("operator",)
    search_fields = ("prefix", "name", "operator__username")
    date_hierarchy = "created_at"
    actions = ("revoke_tokens",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # tokens are issued from the list of operators

    def has_change_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ApiToken | None = None) -> bool:
        return False  # a revoked token stays as history

    @admin.action(description="Revoke for good", permissions=["revoke"])
    def revoke_tokens(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for token in queryset:
            tokens.revoke(token)
        self.message_user(request, "Revoked. Programs that used them are refused from now on.", messages.SUCCESS)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("operators.delete_apitoken")
