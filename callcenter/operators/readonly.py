"""Admin pages of rows that are history: they are looked at, never changed."""

from django.http import HttpRequest


class ReadOnlyAdmin:
    """No adding, no changing, no deleting."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:  # noqa: ARG002
        return False
