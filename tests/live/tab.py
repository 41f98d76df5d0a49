"""A tab: one page of one reader and its socket, fed by the desk without a network between."""

import json
from typing import Any

from django.test import RequestFactory
from django.urls import resolve

from callcenter.console.floor import audience_of
from callcenter.live.desk import Desk
from callcenter.live.socket import Reader, Socket
from callcenter.operators.models import Operator
from tests.live.page import Page, difference


async def nowhere(_message: Any) -> None:
    """Nothing is sent: tests take what is queued."""


class Tab:
    """Opened by a request, then changed by nothing but pushes.

    ``page``: how it looks when it is opened, in place of a request; the first whole view puts right what is not the reader's.
    """

    def __init__(self, reader: Operator, path: str, page: Page | None = None) -> None:
        self.reader, self.path = reader, path
        self.page = self.fresh() if page is None else Page(page.source)
        self.reconnect()
        self.closed: int | None = None
        self.asleep = False  # reads nothing
        self.attention: int | None = None
        self.levels: dict[str, float] = {}
        self.told: list[str] = []  # every message, as it came

    def reconnect(self) -> None:
        """A new socket for the page as it stands."""
        self.socket = Socket(Reader(self.reader.pk, "", ""), audience_of(self.reader), nowhere, nowhere)
        self.socket.view = json.loads(self.page.root.get("data-view"))

    def fresh(self) -> Page:
        """The page as its reader gets it who opens it now; signing in is for other tests."""
        request = RequestFactory().get(self.path)
        request.user = self.reader
        view, arguments, named = resolve(request.path_info)
        answer = view(request, *arguments, **named)
        assert answer.status_code == 200, answer.status_code
        return Page(answer.content.decode())

    def read(self, *, confirm: bool = True) -> None:
        """Take what is queued, as the browser does."""
        while not self.socket.queue.empty():
            message = self.socket.queue.get_nowait()
            if isinstance(message, int):
                self.closed = message
                return
            self.told.append(message)
            data = json.loads(message)
            self.page.take(data.get("content", ""))
            self.attention = data.get("attention", self.attention)
            self.levels.update(data.get("levels", {}))
            if confirm and "frame" in data:
                self.socket.confirm(data["frame"])

    def show(self, *, visible: bool) -> None:
        """The reader leaves the tab or comes back, as the consumer hears of it."""
        self.socket.visible = visible
        if visible:
            self.socket.wishes += 1

    def check(self) -> Page:
        """The law: old page plus pushes equals fresh page, which is returned."""
        fresh = self.fresh()
        assert self.page == fresh, f"{self.path}\n{difference(self.page, fresh)}"
        if self.path.split("?")[0] == "/":
            assert self.attention == int(fresh.words("floor-n-attention"))
        return fresh


def look(desk: Desk, live: set[str], tabs: list[Tab]) -> None:
    """One look of the hub, as the hub does it, and everybody reads."""
    deliver(desk, live, tabs)
    for tab in tabs:
        if not tab.asleep:
            tab.read()


def deliver(desk: Desk, live: set[str], tabs: list[Tab]) -> None:
    """The hub's part of it alone."""
    for socket, frame in desk.tick(live, [tab.socket for tab in tabs if tab.socket.wants()]):
        if frame.denied:
            socket.deny()
        else:
            socket.put(frame)
