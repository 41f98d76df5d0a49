"""Who is ready, in the Django admin: looked at, never changed there."""

from django.contrib import admin

from callcenter.operators.models import Presence
from callcenter.operators.readonly import ReadOnlyAdmin


@admin.register(Presence)
class PresenceAdmin(ReadOnlyAdmin, admin.ModelAdmin[Presence]):
    list_display = ("operator", "state", "reason", "since", "by_hand", "seen_at")
    list_filter = ("state", "by_hand")
    list_select_related = ("operator",)
    search_fields = ("operator__username", "reason")
    date_hierarchy = "since"
