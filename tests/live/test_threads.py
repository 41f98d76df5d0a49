"""The WhatsApp desk stays what a fresh page would show, for every kind of change, and tells strangers nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.calls.models import Thread
from callcenter.calls.moving import move_agent
from callcenter.commands import desk, outbox
from callcenter.commands.models import Command, OpenSocket
from callcenter.commands.takeover import Actor, hand_back, take_over
from callcenter.console.models import PrivateNote, ReadMark
from callcenter.console.whatsapp import keeping, presence
from callcenter.domain.commands.order import Level
from callcenter.live.socket import DENIED
from callcenter.operators.models import Operator, Team
from tests.live.scene import Scene, WhatsApp
from tests.live.stage import Stage


class Talk(Scene):
    """A WhatsApp thread with one session, and an open socket that takes commands."""

    def __init__(self, stage: Stage, oskar: Operator) -> None:
        super().__init__(stage)
        self.oskar = oskar
        self.keys = 0
        self.write()
        self.connect()

    @property
    def thread(self) -> Thread:
        return Thread.objects.for_rows().get(digits=self.whatsapp.digits)

    def actor(self, who: Operator | None = None) -> Actor:
        self.keys += 1
        return Actor(who or self.oskar, datetime.now(UTC), "192.0.2.7", f"key-{self.keys}")

    def connect(self) -> None:
        now = datetime.now(UTC)
        line = self.stage.pinecall.connection
        OpenSocket.objects.create(connection=line, agents=["frontdesk"], opened_at=now, seen_at=now + timedelta(days=1))

    def take(self, who: Operator | None = None) -> None:
        take_over(self.thread, self.actor(who), self.thread.fence)

    def say(self, text: str = "Hello, Oskar here.") -> Command:
        return desk.send(self.thread, text, self.actor(), self.thread.fence)

    def ask(self) -> Command:
        """A message that waits."""
        self.take()
        return self.say()

    def cut(self) -> None:
        """The connection goes down, and a second passes."""
        OpenSocket.objects.all().delete()
        self.stage.later()

    def other(self) -> None:
        """Somebody else writes to the same agent."""
        somebody = WhatsApp("447700900777")
        self.send(somebody.opens("Omar"), somebody.writes("wamid.S1", "Is there parking? I book"))

    def two_ask(self, *, take: bool = False) -> None:
        """The contact asks again, and then somebody else does; ``take``: and the contact waits for a person."""
        self.send(self.whatsapp.writes("wamid.N3", "And tomorrow? I book"))
        self.other()
        if take:
            self.take()

    def sent(self) -> Command:
        """A message that left and is not confirmed."""
        command = claimed(self.ask())
        outbox.mark_sent(command, datetime.now(UTC))
        return command


@pytest.fixture
def talk(stage: Stage, oskar: Operator) -> Talk:
    presence.presence.cache_clear()
    return Talk(stage, oskar)


def claimed(command: Command) -> Command:
    outbox.claim(command, OpenSocket.objects.get().pk, datetime.now(UTC))
    return command


def refused(talk: Talk) -> None:
    command = Command.objects.get(verb="send")
    outbox.refuse(command.pk, command.connection_id, "no such session", datetime.now(UTC))


# What stands before the pages are opened, and the change that they must show.
CHANGES: dict[str, tuple[Callable[[Talk], object], Callable[[Talk], object]]] = {
    "a message comes": (lambda t: None, lambda t: t.send(t.whatsapp.writes("wamid.N2", "Are you there?"))),
    "another contact writes": (lambda t: None, lambda t: t.other()),
    "a voice note comes": (lambda t: None, lambda t: t.send(t.whatsapp.writes("wamid.N2", "As I said", kind="audio"))),
    "the agent answers": (lambda t: None, lambda t: t.send(t.whatsapp.answers("Tomorrow is free."))),
    "a message was delivered": (lambda t: None, lambda t: t.send(t.whatsapp.status("delivered"))),
    "a message failed": (lambda t: None, lambda t: t.send(t.whatsapp.status("failed"))),
    "somebody takes over": (lambda t: None, lambda t: t.take()),
    "somebody hands back": (lambda t: t.take(), lambda t: hand_back(t.thread, t.actor(), t.thread.fence)),
    "the agent is silent": (lambda t: t.take(), lambda t: t.agent("session.paused", contact=t.whatsapp.digits)),
    "the agent writes after the takeover": (lambda t: t.take(), lambda t: t.send(t.whatsapp.answers("Anything else?"))),
    "a message is asked for": (lambda t: t.take(), lambda t: t.say()),
    "a message left": (lambda t: t.take(), lambda t: outbox.mark_sent(claimed(t.say()), datetime.now(UTC))),
    "a message is confirmed": (lambda t: t.sent(), lambda t: t.send(t.whatsapp.answers("Hello, Oskar here.", source="human"))),
    "a message is refused": (lambda t: t.sent(), refused),
    "a message expires": (lambda t: t.ask(), lambda t: outbox.expire(datetime.now(UTC) + timedelta(minutes=5))),
    "the contact is paused": (lambda t: None, lambda t: desk.pause(t.thread.agent, Level.CONTACT, t.thread.digits, t.actor(), why="lunch")),
    "a contact who waits passes whoever is newer": (lambda t: t.two_ask(), lambda t: t.take()),
    "who waited is answered and stands behind whoever is newer": (lambda t: t.two_ask(take=True), lambda t: t.send(t.whatsapp.answers("Yes.", source="human"))),
    "a note is kept": (lambda t: None, lambda t: keeping.add_note(t.thread, t.actor(), "Prefers mornings")),
    "it is read": (lambda t: t.two_ask(take=True), lambda t: keeping.mark_read(t.thread, t.actor(), str(t.thread.calls.get().lines.latest("sort_time").pk))),
    "the session ends": (lambda t: None, lambda t: t.send(t.whatsapp.session("whatsapp.session_ended", reason="idle_timeout"))),
    "somebody else looks and types": (
        lambda t: None, lambda t: presence.tell(t.thread.pk, 10**6, "Petra", viewing=True, typing=True),
    ),
    "somebody else is not heard of any more": (
        lambda t: presence.tell(t.thread.pk, 10**6, "Petra", viewing=True, typing=False),
        lambda t: presence.presence().put(t.thread.pk, presence.Present(10**6, "Petra", viewing=1.0)),
    ),
    "the connection goes down": (lambda t: t.take(), lambda t: t.cut()),
    "the contact is renamed": (lambda t: None, lambda t: t.send(t.whatsapp.session("whatsapp.message", **{"from": t.whatsapp.digits}, name="Noor Haddad", type="text", text="It is me", message_id="wamid.N9"))),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_the_pushed_pages_equal_the_fresh_ones(
    talk: Talk, oskar: Operator, supervisor: Operator, reviewer: Operator, ines: Operator, change: str
):
    before, after = CHANGES[change]
    before(talk)
    path = f"/whatsapp/{talk.thread.pk}/"
    tabs = [talk.stage.open(reader, path) for reader in (oskar, supervisor, reviewer)]
    tabs += [talk.stage.open(oskar, "/whatsapp/?show=waiting"), talk.stage.open(oskar, "/whatsapp/?q=book")]
    stranger = talk.stage.open(ines, "/whatsapp/")
    talk.stage.look()
    talk.stage.check()
    shown = [tab.page.lines() for tab in tabs]
    stranger.told.clear()

    after(talk)
    talk.stage.look()
    talk.stage.check()
    assert tabs[0].page.lines() != shown[0]
    assert not any("hx-edit" in message for message in stranger.told)


def test_a_page_of_a_thread_that_goes_to_another_team_is_closed(talk: Talk, oskar: Operator, south: Team):
    tab = talk.stage.open(oskar, f"/whatsapp/{talk.thread.pk}/")
    alone = talk.stage.open(oskar, "/whatsapp/")
    talk.stage.look()
    move_agent(talk.thread.agent, south)
    talk.stage.look()
    assert tab.closed == DENIED
    assert alone.page.ids("threads") == []


def test_a_session_under_another_id_keeps_holder_fence_window_unread_pause_and_draft(talk: Talk, oskar: Operator, supervisor: Operator):
    talk.take()
    talk.agent("session.paused", contact=talk.whatsapp.digits)
    keeping.save_draft(talk.thread, talk.actor(), "Half a sentence")
    keeping.mark_read(talk.thread, talk.actor(), str(talk.thread.calls.get().lines.latest("sort_time").pk))
    before = talk.thread
    tab = talk.stage.open(oskar, f"/whatsapp/{before.pk}/")
    talk.stage.look()

    talk.send(talk.whatsapp.session("whatsapp.session_ended", reason="idle_timeout"))
    first = talk.whatsapp
    talk.whatsapp = WhatsApp(first.digits)
    talk.send(talk.whatsapp.opens(), talk.whatsapp.writes("wamid.M1", "I am back"))
    talk.stage.look()
    after = talk.thread
    assert (after.pk, after.holder, after.fence) == (before.pk, oskar, before.fence)
    assert after.calls.count() == 2
    assert after.last_inbound_at is not None
    assert before.last_inbound_at is not None
    assert after.last_inbound_at > before.last_inbound_at
    tab.check()
    text = tab.page.text()
    assert "You answer" in text
    assert "Paused for this contact" in text
    assert "I am back" in text
    assert tab.page.words(f"thread-{after.pk}").count("1 unread") == 1
    fresh = talk.stage.open(oskar, f"/whatsapp/{after.pk}/")
    assert fresh.page.first("reply").text == "Half a sentence"
    assert talk.say("Welcome back").order["call"] == talk.whatsapp.uuid
    assert ReadMark.objects.count() == 1
    assert PrivateNote.objects.count() == 0
