"""All fragments that pages include and pushes send: what each is given, and how it is rendered alone."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.template.loader import render_to_string

from callcenter.console.days import PastFilters
from callcenter.console.filters import Filters
from callcenter.console.whatsapp.filters import ThreadFilters
from callcenter.console.whatsapp.values import Mark, TeamNote
from tests.console import samples
from tests.console.samples import START_MS
from tests.console.whatsapp import samples as threads

TEMPLATES = Path(settings.BASE_DIR) / "templates"

# fragment, what it is given, made from a text, and the id of its outermost element
FRAGMENTS: dict[str, tuple[Callable[[str], dict[str, Any]], str | None]] = {
    "calls/_row": (lambda text: {"row": samples.row(text)}, "row-call-1"),
    "calls/_cell_state": (lambda text: {"row": samples.row(text)}, "row-call-1-state"),
    "calls/_cell_last": (lambda text: {"row": samples.row(text)}, "row-call-1-last"),
    "calls/_cell_meters": (lambda text: {"row": samples.row(text)}, None),
    "calls/_holder": (lambda text: {"row": samples.row(text)}, None),
    "calls/_counters": (lambda text: {"counters": samples.counters()}, "floor-counters"),
    "calls/_floor_empty": (lambda text: {"counters": samples.counters(live=0)}, "floor-empty"),
    "calls/_connections": (lambda text: {"connections": [samples.connection(text)]}, "floor-connections"),
    "calls/_filters": (
        lambda text: {
            "filters": Filters(q=text, agent=text),
            "agents": [(text or "nora", text or "Nora")],
            "counters": samples.counters(),
        },
        None,
    ),
    "calls/_filter_fields": (lambda text: {"filters": Filters(q=text, agent=text), "agents": [(text or "nora", text or "Nora")]}, None),
    "calls/_history_filters": (
        lambda text: {
            "filters": PastFilters(q=text, agent=text),
            "problems": {"first": text or "no day", "last": text or "no day"},
            "agents": [(text or "nora", text or "Nora")],
            "page": Paginator([], 1).get_page(1),
        },
        None,
    ),
    "calls/_group": (lambda text: {"group": "attention", "count": 2}, "floor-attention-head"),
    "calls/_line": (lambda text: {"line": samples.line(text)}, "line-k1-m1"),
    "calls/_moment": (lambda text: {"moment": samples.moment(text)}, "moment-k1-t1"),
    "calls/_moment_inline": (lambda text: {"moment": samples.moment(text)}, "inline-moment-k1-t1"),
    "calls/_participant": (lambda text: {"participant": samples.participant(text)}, "participant-k1-p1"),
    "calls/_recording": (lambda text: {"recording": samples.recording()}, "recording-k1-r1"),
    "calls/_callhead": (lambda text: {"call": samples.call(text)}, "call-head"),
    "calls/_warning": (lambda text: {"call": samples.call(text)}, "call-warning"),
    "calls/_meters": (lambda text: {"call": samples.call(text)}, "call-meters"),
    "calls/_contact": (lambda text: {"call": samples.call(text)}, "contact"),
    "calls/_controls": (lambda text: {"controls": samples.controls(text)}, "call-controls"),
    "calls/_holding": (lambda text: {"controls": samples.controls(text)}, None),
    "calls/_ringing": (lambda text: {"controls": samples.controls(text)}, None),
    "calls/_tools": (lambda text: {"controls": samples.controls(text)}, None),
    "calls/_forward": (lambda text: {"controls": samples.controls(text)}, "forward-to"),
    "calls/_language": (lambda text: {"controls": samples.controls(text)}, "language-of-call"),
    "calls/_route": (lambda text: {"controls": samples.controls(text)}, "route-to"),
    "calls/_hang_up": (lambda text: {"controls": samples.controls(text)}, None),
    "calls/_words": (lambda text: {"controls": samples.controls(text)}, None),
    "calls/_asked": (lambda text: {"controls": samples.controls(text)}, "desk-asked"),
    "calls/_pause": (lambda text: {"controls": samples.controls(text), "pause": samples.pause_choice(text)}, "desk-pause-contact"),
    "calls/_deed": (lambda text: {"controls": samples.controls(text), "button": samples.button(text)}, "desk-hold"),
    "calls/_press": (lambda text: {"button": samples.button(text)}, None),
    "calls/_opener": (lambda text: {"button": samples.button(text), "opens": "tones-pad"}, None),
    "calls/_stamp": (lambda text: {"controls": samples.controls(text)}, None),
    "calls/_csrf_fields": (lambda text: {"forms": ["desk-hold"], "csrf_token": "t"}, None),
    "calls/_history_row": (lambda text: {"row": samples.history_row(text)}, "past-call-1"),
    "whatsapp/_conv": (lambda text: {"row": threads.row(text)}, "thread-1"),
    "whatsapp/_list": (lambda text: {"threads": threads.listed(text), "filters": ThreadFilters(q=text)}, None),
    "whatsapp/_threads_empty": (lambda text: {"threads": replace(threads.listed(text), rows=())}, "threads-empty"),
    "whatsapp/_bubble": (lambda text: {"entry": threads.bubble(text)}, "msg-1"),
    "whatsapp/_outgoing": (lambda text: {"entry": threads.outgoing(text)}, "out-1"),
    "whatsapp/_mark": (lambda text: {"entry": Mark("mark-1", "hand", text or "Petra took over", START_MS)}, "mark-1"),
    "whatsapp/_teamnote": (lambda text: {"entry": TeamNote("note-1", text or "Petra", text or "Mornings", START_MS)}, "note-1"),
    "whatsapp/_head": (lambda text: {"thread": threads.view(text)}, "thread-head"),
    "whatsapp/_window": (lambda text: {"thread": threads.view(text)}, "thread-window"),
    "whatsapp/_fields": (lambda text: {"thread": threads.view(text)}, "desk-fields"),
    "whatsapp/_composer": (lambda text: {"thread": threads.view(text), "draft": text}, "composer-box"),
    "whatsapp/_presence": (lambda text: {"thread": threads.view(text)}, "thread-presence"),
    "whatsapp/_facts": (lambda text: {"thread": threads.view(text)}, "thread-facts"),
    "whatsapp/_changed": (lambda text: {"thread": threads.view(text)}, "thread-head"),
    "whatsapp/_refused": (lambda text: {"why": text or "Petra answers now."}, None),
    "whatsapp/_sheet": (
        lambda text: {"url": "/x/", "label": text or "Give to…", "icon_name": "users", "look": "", "why": text},
        None,
    ),
    "whatsapp/_button": (
        lambda text: {"url": "/x/", "label": "Send", "icon_name": "send", "look": "", "why": text or "no", "name": ""},
        None,
    ),
}


def render(name: str, text: str = "") -> str:
    context, _ = FRAGMENTS[name]
    return render_to_string(f"{name}.html", context(text)).strip()


def elements(html: str) -> list[str]:
    """The opening tags, in order."""
    return re.findall(r"<[a-z][^>]*>", html)


def tags(html: str) -> list[str]:
    """Their names."""
    return [element.split()[0].strip(">") for element in elements(html)]
