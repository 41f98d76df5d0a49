"""What administrators keep for the desks."""

from django.contrib import admin

from callcenter.console.models import CannedReply


@admin.register(CannedReply)
class CannedReplyAdmin(admin.ModelAdmin[CannedReply]):
    list_display = ("name", "team", "text")
    list_filter = ("team",)
    search_fields = ("name", "text")
