"""The screens of the WhatsApp desk: the conversation list, alone or beside the page of one thread."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.template.loader import render_to_string
from django.utils import timezone

from callcenter.calls.models import Thread
from callcenter.console.floor import Audience, clock
from callcenter.console.templatetags.whatsapp import entry_template
from callcenter.console.whatsapp.filters import ThreadFilters, read_thread_filters
from callcenter.console.whatsapp.list import load_list
from callcenter.console.whatsapp.loading import load_parts
from callcenter.console.whatsapp.presence import words_about
from callcenter.console.whatsapp.thread import thread_view
from callcenter.console.whatsapp.values import ThreadList, ThreadView
from callcenter.live.edits import Item, Shot
from callcenter.live.rights import DeniedError
from callcenter.live.table import News, Table
from callcenter.operators.models import Operator

if TYPE_CHECKING:
    from callcenter.live.rowcache import RowCache

LARGEST_ID = 2**63 - 1

REGIONS = {
    "thread-head": "whatsapp/_head.html",
    "thread-window": "whatsapp/_window.html",
    "thread-presence": "whatsapp/_presence.html",
    "desk-fields": "whatsapp/_fields.html",
    "composer-box": "whatsapp/_composer.html",
    "thread-facts": "whatsapp/_facts.html",
}


@dataclass(frozen=True, slots=True)
class ThreadListKey:
    """One reader's list: what is unread, and what is theirs, is their own. Whoever gets another role gets another screen."""

    audience: Audience
    reader: int
    filters: ThreadFilters
    role: str = ""


@dataclass(frozen=True, slots=True)
class ThreadKey:
    """One reader's page of a thread, with the list beside it."""

    audience: Audience
    reader: int
    filters: ThreadFilters
    thread: int
    role: str = ""


def read_thread_view(view: Any, audience: Audience, reader: int, role: str = "") -> ThreadListKey | ThreadKey:
    """Raises DeniedError."""
    filters = read_thread_filters(view)
    match view:
        case {"screen": "threads"}:
            return ThreadListKey(audience, reader, filters, role)
        case {"screen": "thread", "thread": int(thread)} if 0 < thread <= LARGEST_ID:
            return ThreadKey(audience, reader, filters, thread, role)
    raise DeniedError


class ThreadScreen:
    """The list is read again when any thread changes, the thread beside it when something of its own does or time changes it."""

    def __init__(self, key: ThreadListKey | ThreadKey) -> None:
        self.key = key
        self.shot = Shot()
        self.page = Shot()  # of the thread, without the list
        self.list: ThreadList | None = None
        self.view: ThreadView | None = None
        self.thread: Thread | None = None

    def concerns(self, news: News) -> bool:
        if self.list is None or news.threads or news.agents or news.moved or news.contacts.keys() & self.list.contacts:
            return True
        return clock() >= self.list.next_at or self._is_about_the_thread(news)

    def levels(self, table: Table) -> dict[str, float]:  # noqa: ARG002
        return {}

    def watched(self) -> Iterable[str]:
        return ()

    def shoot(self, table: Table, cache: "RowCache", news: News) -> Shot:  # noqa: ARG002
        reader = Operator.objects.filter(pk=self.key.reader, is_active=True).first()
        if reader is None:
            raise DeniedError
        now, current = timezone.now(), 0
        if isinstance(self.key, ThreadKey):
            current = self.key.thread
            if self.thread is None or self._is_about_the_thread(news):
                self._read(current, reader, now)
        self.list = load_list(reader, self.key.audience, self.key.filters, now, current)
        shot = Shot(lists=dict(self.page.lists), regions=dict(self.page.regions))
        add_list(shot, self.list)
        return shot

    def _read(self, pk: int, reader: Operator, now: datetime) -> None:
        """Raises DeniedError."""
        self.thread = Thread.objects.in_teams(self.key.audience).for_rows().filter(pk=pk).first()
        if self.thread is None:
            raise DeniedError
        self.view = thread_view(self.thread, reader, load_parts(self.thread, reader, now), now)
        self.page = thread_shot(self.view)

    def _is_about_the_thread(self, news: News) -> bool:
        """Its own row, its agent, any call of its contact, the connection it is written over, who is there, or the clock."""
        thread, view = self.thread, self.view
        if thread is None or view is None:
            return False
        if thread.pk in news.threads or thread.agent_id in news.agents or thread.contact_id in news.contacts or news.moved:
            return True
        if thread.agent.connection_id in news.doors or clock() >= view.next_at:
            return True
        return words_about(thread.pk, self.key.reader) != view.presence


def add_list(shot: Shot, found: ThreadList) -> None:
    """The conversation list, as a list of rows and its figures."""
    shot.lists["threads"] = [_item(row.id, row, "whatsapp/_conv.html", "row") for row in found.rows]
    shot.regions["threads-empty"] = render_to_string("whatsapp/_threads_empty.html", {"threads": found})
    shot.texts |= {choice.id: str(choice.count) for choice in found.choices}


def thread_shot(view: ThreadView) -> Shot:
    """The page of a thread without the list beside it."""
    entries = [_item(entry.id, entry, entry_template(entry), "entry") for entry in view.entries]
    return Shot(
        lists={"script-list": entries},
        regions={name: render_to_string(template, {"thread": view}) for name, template in REGIONS.items()},
    )


def _item(name: str, value: Any, template: str, variable: str) -> Item:
    return Item(name, value, lambda: render_to_string(template, {variable: value}))
