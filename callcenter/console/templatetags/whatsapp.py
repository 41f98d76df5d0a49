"""How the WhatsApp desk writes times and what was not written as text."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from callcenter.console.templatetags.console import DASH, _moment, iso
from callcenter.console.whatsapp.values import Entry

register = template.Library()

KINDS = {"audio": "Voice message", "image": "Image", "video": "Video", "document": "Document"}
TICKS = {"sent": "Sent", "delivered": "Delivered", "read": "Read", "failed": "Not delivered"}


@register.filter
def hour(epoch_ms: int | None) -> SafeString:
    """The time of day without seconds, or a dash."""
    return _time(epoch_ms, "%H:%M")


@register.filter
def day(epoch_ms: int | None) -> SafeString:
    return _time(epoch_ms, "%-d %b %Y")


@register.filter
def kind_name(kind: str) -> str:
    return KINDS.get(kind, kind.replace("_", " ").capitalize())


@register.filter
def tick_name(delivery: str) -> str:
    return TICKS.get(delivery, delivery)


@register.filter
def entry_template(entry: Entry) -> str:
    """The fragment that draws it: the same as the feed's."""
    return f"whatsapp/_{type(entry).__name__.lower()}.html"


def _time(epoch_ms: int | None, pattern: str) -> SafeString:
    if epoch_ms is None:
        return format_html("{}", DASH)
    return format_html('<time datetime="{}">{}</time>', iso(epoch_ms), _moment(epoch_ms).strftime(pattern))
