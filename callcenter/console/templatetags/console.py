"""How the screens write times, names and icons. Pure functions of their arguments: the same page for everyone."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from urllib.parse import urlencode

from django import template
from django.utils import timezone
from django.utils.dateformat import format as format_date
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from callcenter.console.drawing import drawn_row
from callcenter.console.filters import Filters
from callcenter.console.view import Counters, Segment, segments
from callcenter.domain.commands.languages import LANGUAGES

register = template.Library()
register.filter("segments", segments)
register.simple_tag(drawn_row, name="call_row")

PIECE = 2000
DASH = "\N{EN DASH}"
CHANNELS = (("phone", "Phone"), ("webrtc", "WebRTC"), ("chat", "Chat"), ("whatsapp", "WhatsApp"))
STATUSES = (("dialing", "Dialing"), ("ringing", "Ringing"), ("answered", "In progress"), ("completed", "Ended"))
HOLDERS = (("agent", "No operator"), ("operator", "An operator"))
CHOICES = {"channel": CHANNELS, "status": STATUSES, "holder": HOLDERS, "language": tuple(LANGUAGES.items())}
CHANNEL_ICONS = {"phone": "phone", "webrtc": "globe", "chat": "messages", "whatsapp": "message-circle"}
PHONE_ICONS = {"inbound": "phone-incoming", "outbound": "phone-outgoing"}
KIND_ICONS = {"audio": "mic", "image": "image", "video": "video", "document": "file-text"}
REASONS = {"hangup": "hung up", "no_answer": "no answer", "lost": "signal lost"}


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """An icon of the sprite; decoration only, so the words beside it must say the same."""
    return format_html('<svg class="i{}" aria-hidden="true"><use href="#i-{}"/></svg>', f" i-{size}" if size else "", name)


@register.filter
def channel_icon(channel: str, direction: str = "") -> str:
    if channel == "phone":
        return PHONE_ICONS.get(direction, "phone")
    return CHANNEL_ICONS.get(channel, "message-circle")


@register.filter
def kind_icon(kind: str) -> str:
    return KIND_ICONS.get(kind, "file-text")


@register.filter
def channel_name(channel: str) -> str:
    return dict(CHANNELS).get(channel, channel)


@register.filter
def words(code: str) -> str:
    """``no_answer`` as people write it."""
    return REASONS.get(code, code.replace("_", " "))


@register.filter
def clip(text: str, length: int) -> str:
    """The beginning of a text that may be 100 kB long; what a cell cannot show is not sent."""
    return text if len(text) <= length else text[: length - 1] + "…"


@register.filter
def is_long(text: str) -> bool:
    return len(text) > PIECE


@register.simple_tag
def long_text(text: str) -> SafeString:
    """A text in full. Browsers take time quadratic in the length of a paragraph to break it into lines (100 kB
    without a space: minutes), so a long one is cut into blocks, at a space or line end where there is one.
    """
    if not is_long(text):
        return format_html("{}", text)
    return format_html_join("", '<span class="piece">{}</span>', ((piece,) for piece in _pieces(text)))


def _pieces(text: str) -> Iterator[str]:
    start = 0
    while len(text) - start > PIECE:
        window = text[start : start + PIECE]
        cut = max(window.rfind("\n"), window.rfind(" ")) + 1
        end = start + (cut if cut > PIECE // 2 else PIECE)
        yield text[start:end]
        start = end
    yield text[start:]


@register.filter
def tail(text: str, length: int) -> str:
    """The end of a text that is still growing."""
    return text if len(text) <= length else "…" + text[1 - length :]


@register.filter
def isolate(text: str) -> str:
    """For a place that takes no markup, such as the title: its direction must not turn the words beside it."""
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"


@register.simple_tag
def face(name: str) -> SafeString:
    """What an avatar shows: initials, or a person for a number and whatever else is no name."""
    letters = [word[0] for word in name.split() if word[0].isalpha()]
    return format_html("{}", "".join(letters[:1] + letters[1:][-1:]).upper()) if letters else icon("user", "s")


def _moment(epoch_ms: int) -> datetime:
    return datetime.fromtimestamp(epoch_ms / 1000, tz=timezone.get_current_timezone())


@register.filter
def iso(epoch_ms: int) -> str:
    return _moment(epoch_ms).isoformat(timespec="milliseconds")


@register.filter
def clock(epoch_ms: int | None) -> SafeString:
    """The time of day as ``<time>``, or a dash when nobody told it."""
    return _time(epoch_ms, "H:i:s")


@register.filter
def day_and_clock(epoch_ms: int | None) -> SafeString:
    return _time(epoch_ms, "j M Y H:i")


@register.filter
def day_or_hour(epoch_ms: int | None) -> SafeString:
    """Of today the hour is enough."""
    today = epoch_ms is not None and timezone.localdate(_moment(epoch_ms)) == timezone.localdate()
    return _time(epoch_ms, "H:i" if today else "j M Y H:i")


def _time(epoch_ms: int | None, pattern: str) -> SafeString:
    if epoch_ms is None:
        return mark_safe(DASH)  # noqa: S308 (a constant)
    at = _moment(epoch_ms)
    return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="milliseconds"), format_date(at, pattern))


@register.filter
def duration(seconds: float | None) -> str:
    """A duration as 3:12 or 1:02:03, or a dash."""
    if seconds is None:
        return DASH
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@register.filter
def until(start_ms: int | None, end_ms: int | None) -> str:
    """How long it took, as 03:12 or 1:02:03, or a dash: where a ``<call-timer>`` stood when it was over."""
    if start_ms is None or end_ms is None:
        return DASH
    minutes, rest = divmod(max(0, end_ms - start_ms) // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"


@register.filter
def seconds(milliseconds: int | None) -> str:
    """A delay as 0.84, or a dash."""
    return DASH if milliseconds is None else f"{milliseconds / 1000:.2f}"


@register.filter
def channel_counts(counters: Counters) -> str:
    """``Phone 9 · WhatsApp 3``: only what there is, no number on a line of its own."""
    return " · ".join(f"{name}\N{NO-BREAK SPACE}{counters.by_channel[key]}" for key, name in CHANNELS if counters.by_channel.get(key))


@register.filter
def is_chosen(segment: Segment, filters: Filters) -> bool:
    return (segment.status, segment.holder) == (filters.status, filters.holder)


@register.simple_tag
def options(choices: str | Iterable[tuple[str, str]], chosen: str) -> SafeString:
    """The options of a select: of a list of (value, label), or of one of the fixed lists by its name."""
    pairs = CHOICES[choices] if isinstance(choices, str) else choices
    return format_html_join(
        "\n",
        '<option value="{}"{}>{}</option>',
        ((value, mark_safe(" selected") if value == chosen else "", label) for value, label in pairs),
    )


@register.simple_tag
def list_url(filters: Filters, **changes: object) -> str:
    """The same list with some values of its URL changed; always starts at the first page unless told."""
    values = filters.values() | {name: str(value) for name, value in changes.items()}
    return "?" + urlencode({name: value for name, value in values.items() if value})
