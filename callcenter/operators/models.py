"""People of the console, the teams they belong to, and the tokens with which their programs read the API."""

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.exceptions import ValidationError
from django.db import models

from callcenter.operators import roles
from callcenter.operators.numbers import NotDialable, dialable
from callcenter.operators.roles import Role


class Team(models.Model):
    name = models.CharField(max_length=80, unique=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class OperatorQuerySet(models.QuerySet["Operator"]):
    def active(self) -> Self:
        return self.filter(is_active=True)

    def in_teams(self, teams: Iterable[Team]) -> Self:
        return self.filter(teams__in=list(teams)).distinct()

    def with_teams(self) -> Self:
        """Load the teams of all in one query more, for lists that print them."""
        return self.prefetch_related("teams")


class OperatorManager(UserManager.from_queryset(OperatorQuerySet)):  # type: ignore[misc]
    use_in_migrations = False

    def create_superuser(self, username: str, email: str | None = None, password: str | None = None, **fields: Any) -> Any:
        """Django's own command makes an admin too, so that role and rights agree."""
        fields.setdefault("role", Role.ADMIN)
        return super().create_superuser(username, email, password, **fields)


class Operator(AbstractUser):
    """A person at the console. Rights follow from the role; whose calls are seen, from the teams."""

    role = models.CharField(max_length=16, choices=Role, default=Role.OPERATOR)
    teams = models.ManyToManyField(Team, related_name="operators", blank=True)
    sip_user = models.CharField(
        "SIP user", max_length=200, blank=True, help_text="Sippet's name for this person's phone: it rings on taking over."
    )
    phone = models.CharField(
        "own phone",
        max_length=200,
        blank=True,
        help_text="A number with + and the country code, or a SIP address: calls are forwarded to it.",
    )
    keyboard = models.JSONField(default=dict, blank=True, help_text="Shortcuts that differ from the usual ones: see operators.keyboard.")

    objects: ClassVar[OperatorManager] = OperatorManager()

    class Meta(AbstractUser.Meta):
        verbose_name = "operator"
        verbose_name_plural = "operators"
        ordering = ("username",)
        constraints = (models.CheckConstraint(name="operator_role_known", condition=models.Q(role__in=Role.values)),)

    def clean(self) -> None:
        """Their phone as it is dialled. Raises ValidationError."""
        super().clean()
        if self.phone:
            try:
                self.phone = dialable(self.phone)
            except NotDialable as error:
                raise ValidationError({"phone": str(error)}) from error

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.username

    @property
    def sees_everything(self) -> bool:
        return roles.sees_every_team(self.role)

    @property
    def in_no_team(self) -> bool:
        """They need a team to see anything, and have none; one query."""
        return not self.sees_everything and not self.teams.exists()

    @property
    def can_act(self) -> bool:
        return roles.may_act(self.role)

    @property
    def can_supervise(self) -> bool:
        return roles.may_supervise(self.role)


class Presence(models.Model):
    """Whether an operator can take calls now. Changed by ``operators.presence`` only."""

    class State(models.TextChoices):
        READY = "ready", "Ready"
        ON_CALL = "on_call", "On a call"
        WRAP_UP = "wrap_up", "Wrap-up"
        NOT_READY = "not_ready", "Not ready"

    operator = models.OneToOneField(Operator, on_delete=models.CASCADE, primary_key=True, related_name="presence")
    state = models.CharField(max_length=10, choices=State, default=State.NOT_READY)
    reason = models.CharField(max_length=120, blank=True)
    since = models.DateTimeField()
    by_hand = models.BooleanField(default=False, help_text="Chosen by the operator, not by what happened.")
    before_state = models.CharField(max_length=10, blank=True, help_text="What it was before the call.")
    before_reason = models.CharField(max_length=120, blank=True)
    wrapped_since = models.DateTimeField(null=True, help_text="Since when they wrapped up another call as they took this one.")
    seen_at = models.DateTimeField(null=True, help_text="Last sign of a browser of theirs.")

    class Meta:
        verbose_name_plural = "presence"
        ordering = ("operator__username",)
        constraints = (
            models.CheckConstraint(name="presence_known", condition=models.Q(state__in=["ready", "on_call", "wrap_up", "not_ready"])),
        )

    def __str__(self) -> str:
        return f"{self.operator} {self.state}"


class ApiToken(models.Model):
    """A bearer token of one operator. The text itself is shown once and never stored."""

    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(max_length=8, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "API token"
        verbose_name_plural = "API tokens"
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.name})"


class AuditQuerySet(models.QuerySet["AuditLine"]):
    """Lines are only ever added."""

    def update(self, **_values: Any) -> int:
        raise TypeError("Audit lines do not change.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("Audit lines are kept.")


class AuditLine(models.Model):
    """Who did what, on what, from where, and what came of it."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_index=True)
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="audit_lines", null=True)
    name = models.CharField(max_length=200, help_text="The operator's name at the time; empty: the console itself.")
    action = models.CharField(max_length=40, db_index=True)
    target = models.CharField(max_length=260, db_index=True, help_text='"call:…", "thread:…", "agent:…", "recording:…" or "operator:…"')
    detail = models.JSONField(default=dict)
    address = models.CharField(max_length=64, blank=True)
    result = models.CharField(max_length=200, blank=True, help_text="What the console answered.")

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.name or 'console'} {self.action} {self.target}"
