"""The desk of an open call page stays what a fresh page would show, whoever changes what; strangers notice nothing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from callcenter.calls.models import Call
from callcenter.commands import desk, outbox
from callcenter.commands.models import Command, OpenSocket
from callcenter.commands.takeover import Actor, hand_back, reassign, take_over, undo
from callcenter.console.models import Destination
from callcenter.domain.commands.capability import POSTS_ONLY
from callcenter.domain.commands.order import Level, Order, Verb
from callcenter.journal.models import Connection
from callcenter.live.callscreen import CallScreen
from callcenter.operators.models import Operator
from callcenter.operators.roles import Role
from tests.live.scene import Scene, WhatsApp
from tests.live.stage import Stage


class Desk(Scene):
    """A telephone call with an open socket that takes its commands, watched by several people."""

    def __init__(self, stage: Stage, oskar: Operator) -> None:
        super().__init__(stage)
        self.oskar = oskar
        self.keys = 0
        self.talk()
        now = datetime.now(UTC)
        line = stage.pinecall.connection
        OpenSocket.objects.create(connection=line, agents=["frontdesk"], opened_at=now, seen_at=now + timedelta(days=1))

    @property
    def row(self) -> Call:
        return Call.objects.for_rows().get(call_uuid=self.call.uuid)

    def actor(self, who: Operator | None = None) -> Actor:
        self.keys += 1
        return Actor(who or self.oskar, datetime.now(UTC), "192.0.2.7", f"key-{self.keys}")

    def take(self, who: Operator | None = None) -> None:
        take_over(self.row, self.actor(who), self.row.fence)

    def ask(self, verb: Verb, **fields: str) -> Command:
        return desk.ask(self.row, Order(verb=verb, **fields), self.actor(), self.row.fence)  # type: ignore[arg-type]

    def sent(self, command: Command) -> Command:
        outbox.claim(command, OpenSocket.objects.get().pk, datetime.now(UTC))
        outbox.mark_sent(command, datetime.now(UTC))
        return command

    def ask_for_silence(self) -> None:
        """Oskar took over, and the pause has left."""
        self.take()
        self.sent(Command.objects.get(verb="pause"))

    def time_passes(self) -> None:
        """Every call page thinks that its next moment has come."""
        for screen in self.stage.desk.screens.values():
            if isinstance(screen, CallScreen):
                screen.next_at = 0.0


@pytest.fixture
def scene(stage: Stage, oskar: Operator, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """However slowly the pages are made, a takeover can still be undone."""
    for reader in ("commands.takeover", "console.calldesk.controls"):
        monkeypatch.setattr(f"callcenter.{reader}.UNDO_S", 600.0)
    return Desk(stage, oskar)


Change = Callable[[Desk], object]
CHANGES: dict[str, tuple[Change, Change, str]] = {
    "somebody takes over": (lambda on: None, lambda on: on.take(), "agent not yet silent"),
    "the provider silences the agent": (
        lambda on: on.ask_for_silence(),
        lambda on: on.agent("session.paused", session_id=on.call.uuid),
        "The agent is silent",
    ),
    "nothing confirms the silence": (
        lambda on: on.ask_for_silence(),
        lambda on: outbox.time_out(datetime.now(UTC) + timedelta(minutes=1)),
        "Agent not silenced: not confirmed",
    ),
    "the holder hands back": (lambda on: on.take(), lambda on: hand_back(on.row, on.actor(), 1), "frontdesk answers"),
    "the holder undoes it": (lambda on: on.take(), lambda on: undo(on.row, on.actor(), 1), "frontdesk answers"),
    "the contact says more": (
        lambda on: on.take(),
        lambda on: on.send(on.call.heard("u7", "Are you open on Sunday?")),
        "As the answer to Are you open on Sunday?",
    ),
    "the language changes": (lambda on: None, lambda on: on.send(on.call.frame("call.updated", language="es")), "It speaks Spanish now."),
    "a command is asked": (lambda on: None, lambda on: on.ask(Verb.HOLD), "Hold waiting"),
    "a command is sent": (lambda on: on.ask(Verb.HOLD), lambda on: on.sent(Command.objects.get()), "sent"),
    "a command is confirmed": (lambda on: on.sent(on.ask(Verb.HOLD)), lambda on: on.send(on.call.held()), "End hold"),
    "a command is refused": (
        lambda on: on.sent(on.ask(Verb.HOLD)),
        lambda on: outbox.refuse(Command.objects.get().pk, on.stage.pinecall.connection.pk, "No such call.", datetime.now(UTC)),
        "No such call.",
    ),
    "a command expires": (
        lambda on: on.ask(Verb.HOLD),
        lambda on: outbox.expire(datetime.now(UTC) + timedelta(minutes=5)),
        "expired, not sent",
    ),
    "the contact is paused": (
        lambda on: None,
        lambda on: desk.pause(on.row.agent, Level.CONTACT, on.row.contact.digits, on.actor(), why="Complaint"),  # type: ignore[arg-type, union-attr]
        "Paused by oskar: Complaint",
    ),
    "the agent speaks after the takeover": (
        lambda on: on.take(),
        lambda on: on.send(*on.call.says("m9", "I am still here")),
        "after the takeover",
    ),
    "the call ends": (lambda on: on.take(), lambda on: on.send(on.call.ends()), "The call is over"),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_the_pushed_desk_equals_the_fresh_one(
    scene: Desk, oskar: Operator, supervisor: Operator, reviewer: Operator, ines: Operator, change: str
):
    before, happens, words = CHANGES[change]
    before(scene)
    stage, path = scene.stage, f"/calls/{scene.call.uuid}/"
    people = (oskar, supervisor, reviewer)
    tabs = [stage.open(person, path) for person in people]
    floor, stranger = stage.open(oskar), stage.open(ines)
    stage.look()
    stranger.told.clear()
    assert words not in tabs[0].page.words("feed")
    happens(scene)
    stage.look()
    for tab in (*tabs, floor):
        tab.check()
    assert words in tabs[0].page.words("feed")
    assert stranger.told == []


def test_the_key_of_the_page_is_the_key_of_the_push(scene: Desk, oskar: Operator):
    tab = scene.stage.open(oskar, f"/calls/{scene.call.uuid}/")
    scene.stage.look()
    scene.ask(Verb.HOLD)
    scene.stage.look()
    keys = set(tab.page.root.xpath('//input[@name="key"]/@value'))
    assert len(keys) == 1
    assert keys == set(tab.fresh().root.xpath('//input[@name="key"]/@value'))


def test_the_chance_to_undo_ends_by_itself(scene: Desk, oskar: Operator, monkeypatch: pytest.MonkeyPatch):
    scene.take()
    tab = scene.stage.open(oskar, f"/calls/{scene.call.uuid}/")
    scene.stage.look()
    assert "desk-undo" in {form.get("id") for form in tab.page.root.iter("form")}
    monkeypatch.setattr("callcenter.console.calldesk.controls.UNDO_S", 0.0)
    scene.time_passes()
    scene.stage.look()
    assert "desk-undo" not in {form.get("id") for form in tab.page.root.iter("form")}
    tab.check()


def test_a_command_that_is_done_leaves_the_list_after_a_minute(scene: Desk, oskar: Operator):
    scene.sent(scene.ask(Verb.HOLD))
    scene.send(scene.call.held())
    tab = scene.stage.open(oskar, f"/calls/{scene.call.uuid}/")
    scene.stage.look()
    assert "Hold confirmed" in tab.page.words("desk-asked")
    Command.objects.update(created_at=datetime.now(UTC) - timedelta(seconds=61))
    scene.time_passes()
    scene.stage.look()
    assert tab.page.words("desk-asked") == ""
    tab.check()


def test_a_socket_that_closes_closes_the_buttons_and_one_that_opens_opens_them(scene: Desk, oskar: Operator):
    tab = scene.stage.open(oskar, f"/calls/{scene.call.uuid}/")
    scene.stage.look()
    OpenSocket.objects.update(seen_at=datetime.now(UTC) - timedelta(minutes=1))
    scene.stage.look_without_hints()
    assert "The connection is down" in tab.page.text()
    tab.check()
    OpenSocket.objects.update(seen_at=datetime.now(UTC) + timedelta(days=1))
    scene.stage.look_without_hints()
    assert "The connection is down" not in tab.page.text()
    tab.check()


def test_a_connection_that_only_posted_opens_the_buttons_with_its_first_socket_for_commands(scene: Desk, oskar: Operator):
    Connection.objects.update(took_commands=False, heard_at=datetime.now(UTC))
    scene.stage.look_without_hints()
    floor, tab = scene.stage.open(oskar), scene.stage.open(oskar, f"/calls/{scene.call.uuid}/")
    scene.stage.look()
    assert POSTS_ONLY in tab.page.text()
    assert POSTS_ONLY in floor.page.text()
    Connection.objects.update(took_commands=True)
    scene.stage.look_without_hints()
    for screen in (floor, tab):
        assert POSTS_ONLY not in screen.page.text()
        screen.check()


def test_what_asks_for_silence_on_a_new_thread_of_the_contact_is_seen_on_their_call(scene: Desk, oskar: Operator):
    tab = scene.stage.open(oskar, f"/calls/{scene.call.uuid}/")
    scene.stage.look()
    also = WhatsApp(scene.row.contact.digits)  # type: ignore[union-attr]
    scene.send(also.opens("Lena Hoffmann"), also.writes("wamid.L1", "I am on the phone with you"))
    scene.stage.look()
    desk.pause(scene.row.agent, Level.CONTACT, also.digits, scene.actor(), why="Complaint")  # type: ignore[arg-type]
    scene.stage.look()
    assert "Paused by oskar: Complaint" in tab.page.words("feed")
    tab.check()


def test_a_number_saved_meanwhile_is_offered_before_long(scene: Desk, oskar: Operator, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("callcenter.live.callscreen.READ_AGAIN_S", 0.0)
    tab = scene.stage.open(oskar, f"/calls/{scene.call.uuid}/")
    scene.stage.look()
    Destination.objects.create(name="Duty phone", number="+442079460112")
    scene.stage.look()
    assert "Duty phone" in tab.page.text()
    tab.check()


def test_whoever_is_demoted_loses_the_desk(scene: Desk, oskar: Operator):
    tab = scene.stage.open(oskar, f"/calls/{scene.call.uuid}/")
    scene.stage.look()
    assert "Take over" in tab.page.words("call-controls")
    Operator.objects.filter(pk=oskar.pk).update(role=Role.REVIEWER)
    tab.socket.role, tab.socket.wishes = Role.REVIEWER.value, tab.socket.wishes + 1  # as the hub does it
    scene.stage.look()
    assert tab.page.words("call-controls") == ""


def test_both_are_told_when_a_supervisor_gives_the_call_away(scene: Desk, oskar: Operator, supervisor: Operator):
    scene.take()
    path = f"/calls/{scene.call.uuid}/"
    left, given = scene.stage.open(oskar, path), scene.stage.open(supervisor, path)
    scene.stage.look()
    reassign(scene.row, supervisor, scene.actor(supervisor), 1, why="Complaint")
    scene.stage.look()
    assert "sofia answers" in left.page.words("call-controls")
    assert "You answer" in given.page.words("call-controls")
    scene.stage.check()


def test_what_people_write_survives_every_push(scene: Desk, oskar: Operator):
    scene.take()
    tab = scene.stage.open(oskar, f"/calls/{scene.call.uuid}/")
    scene.stage.look()
    tab.page.first("say-text").text = "Half a sent"
    tab.page.first("desk-number").set("value", "+44")
    scene.ask(Verb.HOLD)
    scene.stage.look()
    assert tab.page.first("say-text").text == "Half a sent"
    assert tab.page.first("desk-number").get("value") == "+44"
