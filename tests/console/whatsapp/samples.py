"""Values of the WhatsApp desk for tests; ``text`` takes the place of everything that comes from outside."""

from callcenter.console.view import Badge
from callcenter.console.whatsapp.filters import ThreadFilters
from callcenter.console.whatsapp.values import Bubble, Chance, Choice, Composer, Desk, Outgoing, ThreadList, ThreadRow, ThreadView
from tests.console.samples import START_MS


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
        id="out-1", command="7b0c5f12-0000-4000-8000-000000000001", name=text or "You", mine=True, text=text or "Hello", state="failed", words=text or "Refused: no",
        at_ms=START_MS, expires_ms=START_MS, cancel=True, again=True, thread=1,
    )  # fmt: skip


def view(text: str = "", mode: str = "take") -> ThreadView:
    yes = Chance(drawn=True, why=text)
    desk = Desk("k" * 32, 3, yes, yes, yes, START_MS, yes, yes, yes, yes, yes)
    return ThreadView(
        pk=1, agent_pk=2, contact=text or "Noor Haddad", number=text or "+44 7700 900983", agent=text or "Nora", connection=text or "line",
        holder=text or "Petra", mine=False, badges=(Badge("pause", text or "Paused", "human"),), late=2, window_ms=START_MS, window="soon",
        entries=(), earlier=True, sessions=2, first_ms=START_MS, desk=desk, composer=Composer(mode, text or "Petra answers now.", text),
        presence=text or "Petra is typing", next_at=0.0,
    )  # fmt: skip
