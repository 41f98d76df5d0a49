"""What administrators keep for the desks."""

from django.contrib import admin

from callcenter.console.models import CannedReply, Destination


@admin.register(CannedReply)
class CannedReplyAdmin(admin.ModelAdmin[CannedReply]):
    list_display = ("name", "team", "text")
    list_filter = ("team",)
    search_fields = ("name", "text")


@admin.register(Destination)
class DestinationAdmin(admin.ModelAdmin[Destination]):
    list_display = ("name", "number", "team")
    list_filter = ("team",)
    list_select_related = ("team",)
    search_fields = ("name", "number")
