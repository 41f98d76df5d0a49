"""Every fragment of the WhatsApp desk renders alone, and no text of a contact becomes markup or breaks it."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from callcenter.console.templatetags.console import icon
from callcenter.console.view import Badge
from callcenter.console.whatsapp.filters import ThreadFilters
from callcenter.console.whatsapp.values import (
    Bubble,
    Chance,
    Choice,
    Composer,
    Desk,
    Mark,
    Outgoing,
    TeamNote,
    ThreadList,
    ThreadRow,
    ThreadView,
)
from tests.console.samples import HOSTILE, START_MS

TEMPLATES = Path(settings.BASE_DIR) / "templates" / "whatsapp"
COMMAND = "7b0c5f12-0000-4000-8000-000000000001"


def row(text: str = "") -> ThreadRow:
    return ThreadRow(
        id="thread-1", url="/whatsapp/1/", contact=text or "Noor Haddad", number=text or "+44 7700 900983", agent=text or "Nora",
        holder=text or "Petra", mine=False, last_by=text or "Nora", last_text=text or "Can I still book?", last_kind="audio", at_ms=START_MS,
        today=True, unread=3, waiting_ms=START_MS, window_ms=START_MS, window="open", paused=True, current=True,
    )  # fmt: skip


def listed(text: str = "") -> ThreadList:
    choices = (Choice("threads-n-all", "All", "", 1),)
    return ThreadList((row(text),), choices, ThreadFilters(q=text), hidden=0, total=1, next_at=0.0)


def bubble(text: str = "") -> Bubble:
    return Bubble(
        id="msg-1", line=7, speaker="agent", name=text or "Nora", tone="ai", text=text or "Today is full.", kind="image", at_ms=START_MS,
        delivery="failed", error=text or "Undeliverable", inferred=True, late=True, recovered=True, again=True, thread=1,
    )  # fmt: skip


def outgoing(text: str = "") -> Outgoing:
    return Outgoing(
        id="out-1", command=COMMAND, name=text or "You", mine=True, text=text or "Hello", state="failed", words=text or "Refused: no",
        at_ms=START_MS, expires_ms=START_MS, cancel=True, again=True, thread=1,
    )  # fmt: skip


def view(text: str = "", mode: str = "take") -> ThreadView:
    yes = Chance(drawn=True, why=text)
    desk = Desk("k" * 32, 3, yes, yes, START_MS, yes, yes, yes, yes, yes)
    return ThreadView(
        pk=1, agent_pk=2, contact=text or "Noor Haddad", number=text or "+44 7700 900983", agent=text or "Nora", connection=text or "line",
        holder=text or "Petra", mine=False, badges=(Badge("pause", text or "Paused", "human"),), late=2, window_ms=START_MS, window="soon",
        entries=(), earlier=True, sessions=2, first_ms=START_MS, desk=desk, composer=Composer(mode, text or "Petra answers now.", text),
        presence=text or "Petra is typing", next_at=0.0,
    )  # fmt: skip


Context = Callable[[str], dict[str, Any]]
FRAGMENTS: dict[str, tuple[Context, str | None]] = {
    "_conv": (lambda text: {"row": row(text)}, "thread-1"),
    "_list": (lambda text: {"threads": listed(text), "filters": ThreadFilters(q=text)}, None),
    "_threads_empty": (lambda text: {"threads": replace(listed(text), rows=())}, "threads-empty"),
    "_bubble": (lambda text: {"entry": bubble(text)}, "msg-1"),
    "_outgoing": (lambda text: {"entry": outgoing(text)}, "out-1"),
    "_mark": (lambda text: {"entry": Mark("mark-1", "hand", text or "Petra took over", START_MS)}, "mark-1"),
    "_teamnote": (lambda text: {"entry": TeamNote("note-1", text or "Petra", text or "Mornings", START_MS)}, "note-1"),
    "_head": (lambda text: {"thread": view(text)}, "thread-head"),
    "_window": (lambda text: {"thread": view(text)}, "thread-window"),
    "_fields": (lambda text: {"thread": view(text)}, "desk-fields"),
    "_composer": (lambda text: {"thread": view(text), "draft": text}, "composer-box"),
    "_presence": (lambda text: {"thread": view(text)}, "thread-presence"),
    "_facts": (lambda text: {"thread": view(text)}, "thread-facts"),
    "_changed": (lambda text: {"thread": view(text)}, "thread-head"),
    "_refused": (lambda text: {"why": text or "Petra answers now."}, None),
    "_button": (lambda text: {"url": "/x/", "label": "Send", "icon_name": "send", "look": "", "why": text or "no", "name": ""}, None),
}


def render(name: str, text: str = "") -> str:
    context, _ = FRAGMENTS[name]
    return render_to_string(f"whatsapp/{name}.html", context(text)).strip()


def elements(html: str) -> list[str]:
    return re.findall(r"<[a-z][^>]*>", html)


def tags(html: str) -> list[str]:
    return [element.split()[0].strip(">") for element in elements(html)]


def test_every_fragment_is_listed_here() -> None:
    assert {path.stem for path in TEMPLATES.glob("_*.html")} == set(FRAGMENTS)


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_fragment_carries_its_id_and_nothing_inline(name: str) -> None:
    html, outer = render(name), FRAGMENTS[name][1]
    if outer is not None:
        assert f'id="{outer}"' in elements(html)[0]
    assert "<script" not in html
    assert not re.search(r"\s(style|on[a-z]+)=", html)


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("name", FRAGMENTS)
def test_text_from_outside_adds_no_element(name: str, kind: str) -> None:
    html = render(name, HOSTILE[kind]).replace('<span class="piece">', "")
    person = str(icon("user", "s"))  # the avatar of a name without letters
    assert tags(html.replace(person, "")) == tags(render(name, "plain").replace(person, ""))


@pytest.mark.parametrize("name", ["_conv", "_head", "_mark", "_presence", "_facts", "_window"])
def test_a_cell_does_not_carry_a_hundred_kilobytes(name: str) -> None:
    assert len(render(name, HOSTILE["huge"])) < 14_000


@pytest.mark.parametrize(("mode", "button"), [("send", "Send"), ("take", "Take over and reply"), ("locked", "")])
def test_the_composer_offers_what_its_mode_says(mode: str, button: str) -> None:
    html = render_to_string("whatsapp/_composer.html", {"thread": view(mode=mode)})
    assert ("disabled>" in html.split("legend")[0]) is (mode == "locked")
    assert (f"<span>{button}</span>" in html) is bool(button)
    assert html.count("<button") == bool(button)
