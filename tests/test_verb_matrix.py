"""Who may do what: every address that takes a POST, for every role, in the own team and beyond it, whoever holds the call.

A new address, or a new action of a call, without a row here fails.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client

from callcenter.calls.holding import Held
from callcenter.calls.models import Call
from callcenter.commands.models import Command, Pause, Takeover
from callcenter.console.calldesk.actions import ACTIONS
from callcenter.console.models import Destination
from callcenter.operators.models import AuditLine, Operator, Team
from callcenter.operators.people import add_person
from tests import factories
from tests.test_matrix import routes

HTMX = {"HX-Request": "true"}
# Of the north: the operator who may hold, a colleague, a reviewer, a supervisor. Of the south: a stranger. Of no team: an admin.
WHO = ("own", "colleague", "stranger", "reviewer", "supervisor", "admin")
ALL, NOBODY = "done done 404 refused done done", "refused refused 404 refused refused refused"
HOLDER, HOLDER_OR_ABOVE = "done refused 404 refused refused refused", "done refused 404 refused done done"
ABOVE, EVERYBODY = "refused refused 404 refused done done", "done done done done done done"
CALL, THREAD = "calls/<call_id:call_uuid>/do/<slug:action>/", "whatsapp/<int:thread>/"


@dataclass(frozen=True)
class Case:
    """``form``: "@agent" and the like stand for ids. ``held``: the own operator holds it. ``needs``: columns of the call before. ``silent``: it is no act that is audited."""

    route: str
    expected: str
    form: dict[str, str] = field(default_factory=dict)
    held: bool = False
    needs: dict[str, Any] = field(default_factory=dict)
    asked: str = ""  # a verb that waits in the outbox, asked for by the own operator
    silent: bool = False
    action: str = ""


def on_call(action: str, expected: str, held_expected: str = "", form: dict[str, str] | None = None, **needs: Any) -> dict[str, Case]:
    """The action while the agent answers, and while the own operator does."""
    found = {f"{action}, agent answers": Case(CALL, expected, form or {}, needs=needs, action=action)}
    if held_expected:
        found[f"{action}, own answers"] = Case(CALL, held_expected, form or {}, held=True, needs=needs, action=action)
    return found


TEXT, NUMBER = {"text": "One moment, please."}, {"to": "+442079460177"}
THIS_CALL = {"level": "call"}
CASES: dict[str, Case] = {
    **on_call("take-over", ALL, "refused refused 404 refused done done"),
    **on_call("hand-back", NOBODY, HOLDER_OR_ABOVE),
    **on_call("undo", NOBODY, HOLDER),
    **on_call("reassign", ABOVE, ABOVE, {"to": "@colleague"}),
    **on_call("accept", ALL, status="ringing"),
    **on_call("reject", ALL, form={"reason": "busy"}, status="ringing"),
    **on_call("hold", ALL, HOLDER_OR_ABOVE),
    **on_call("unhold", ALL, HOLDER_OR_ABOVE, held=True),
    **on_call("mute", ALL, HOLDER_OR_ABOVE),
    **on_call("unmute", ALL, HOLDER_OR_ABOVE, muted=True),
    **on_call("dtmf", ALL, HOLDER_OR_ABOVE, {"digits": "57#"}),
    **on_call("forward", ALL, HOLDER_OR_ABOVE, NUMBER),
    "forward to a saved destination": Case(CALL, ALL, {"saved": "@saved"}, action="forward"),
    "forward to the saved destination of another team": Case(CALL, NOBODY, {"saved": "@foreign"}, action="forward"),
    **on_call("forward-mine", ALL, HOLDER_OR_ABOVE, {"message": "One moment."}),
    **on_call("set-language", ALL, HOLDER_OR_ABOVE, {"language": "fr"}),
    **on_call("route", ALL, HOLDER_OR_ABOVE, {"agent": "frontdesk"}, agent="@line"),
    **on_call("hang-up", ALL, HOLDER_OR_ABOVE),
    **on_call("stop-speaking", ALL, HOLDER_OR_ABOVE),
    **on_call("say", NOBODY, HOLDER, TEXT),
    "say in pieces": Case(CALL, HOLDER, {**TEXT, "pieces": "on"}, held=True, action="say"),
    "answer a message": Case(CALL, HOLDER, {**TEXT, "answer": "on", "in_reply_to": "u1"}, held=True, action="say"),
    **on_call("whisper", ALL, ALL, TEXT),
    **on_call("pause", ALL, ALL, THIS_CALL),
    **on_call("resume", ALL, HOLDER_OR_ABOVE, THIS_CALL),
    "cancel a command of a call": Case(CALL, HOLDER_OR_ABOVE, {"command": "@command"}, asked="hold", action="cancel"),
    "take a thread": Case(f"{THREAD}take/", ALL),
    "take a thread that is held": Case(f"{THREAD}take/", "refused refused 404 refused done done", held=True),
    "hand a thread back that is not held": Case(f"{THREAD}hand-back/", NOBODY),
    "hand a thread back": Case(f"{THREAD}hand-back/", HOLDER_OR_ABOVE, held=True),
    "give a thread to a colleague": Case(f"{THREAD}reassign/", ABOVE, {"to": "@colleague"}),
    "give a thread that is held": Case(f"{THREAD}reassign/", ABOVE, {"to": "@colleague"}, held=True),
    "undo taking a thread": Case(f"{THREAD}undo/", HOLDER, held=True),
    "pause the contact of a thread": Case(f"{THREAD}pause/", ALL),
    "resume the contact of a thread": Case(f"{THREAD}resume/", ALL),
    "resume the contact of a thread that is held": Case(f"{THREAD}resume/", HOLDER_OR_ABOVE, held=True),
    "resume everywhere from a thread": Case(f"{THREAD}resume/", ABOVE, {"level": "agent"}),
    "write into a thread that the agent answers": Case(f"{THREAD}send/", NOBODY, TEXT),
    "write into a thread": Case(f"{THREAD}send/", HOLDER, TEXT, held=True),
    "take a thread and reply": Case(f"{THREAD}send/", ALL, {**TEXT, "take": "1"}),
    "cancel a message": Case(f"{THREAD}cancel/<uuid:command>/", HOLDER_OR_ABOVE, asked="send"),
    "note on a thread": Case(f"{THREAD}note/", ALL, {"note": "Prefers mornings."}),
    "draft": Case(f"{THREAD}draft/", "done done 404 refused done done", TEXT, silent=True),
    "seen lines": Case(f"{THREAD}seen/", "done done 404 done done done", {"line": "@line"}, silent=True),
    "looking at a thread": Case(f"{THREAD}presence/", "done done 404 done done done", silent=True),
    "pause the agent everywhere": Case("agents/<int:agent>/pause/", ABOVE),
    "resume the agent everywhere": Case("agents/<int:agent>/resume/", ABOVE),
    "pause a contact by number": Case("agents/<int:agent>/pause-contact/", ALL, {"number": "+447700900983"}),
    "resume a contact by number": Case("agents/<int:agent>/resume-contact/", ALL, {"contact": "447700900983"}),
    "dial": Case("dial/place/", ALL, {**NUMBER, "agent": "@agent"}),
    "cancel a dial": Case("dial/<uuid:command>/cancel/", HOLDER_OR_ABOVE, asked="dial"),
    "own presence": Case("me/presence/", EVERYBODY, {"state": "ready"}),
    "own browser": Case("me/seen/", EVERYBODY, silent=True),
    "own phone": Case("me/phone/save/", EVERYBODY, {"phone": "+44 20 7946 0177"}),
    "own keyboard": Case("me/keyboard/save/", EVERYBODY, {"usual": "1"}, silent=True),
}
# These people come and go through, and providers have their own doors.
ELSEWHERE = {
    "login/",
    "logout/",
    "ingest/<slug:connection>/",
    "ingest/<slug:connection>/hooks/<str:key>/",
    "ingest/<slug:connection>/recordings/<path:call_uuid>/",
}


class Desk:
    """One telephone call and one WhatsApp thread of the north, whose connection listens, and everybody at their browser."""

    def __init__(self, north: Team, south: Team) -> None:
        def person(name: str, role: str, *teams: str) -> Operator:
            return add_person(name, role, "correct horse battery", list(teams))

        self.people = {
            "own": person("oskar", "operator", "North"), "colleague": person("kira", "operator", "North"),
            "stranger": person("ines", "operator", "South"), "reviewer": person("rita", "reviewer", "North"),
            "supervisor": person("sofia", "supervisor", "North"), "admin": person("ada", "admin"),
        }  # fmt: skip
        self.agent = factories.make_agent("frontdesk", factories.make_connection("harbour", north))
        self.line = factories.make_agent("line:+442079460140", self.agent.connection)
        factories.open_socket(self.agent, self.line.slug)
        self.saved = [Destination.objects.create(team=team, name="Duty phone", number="+442079460177") for team in (north, south)]
        Operator.objects.update(phone="+447700900177")
        contact = factories.make_contact(team=north)
        now = datetime.now(UTC)
        self.call = factories.make_call("CA1", self.agent, contact=contact)
        self.thread = factories.make_thread(self.agent, contact, last_inbound_at=now, last_at=now)
        self.session = factories.make_call("wa-1", self.agent, channel="whatsapp", contact=contact, thread=self.thread)
        self.heard = factories.make_line(self.session, "Hello", sort_time=now.timestamp())  # within the 24 hours
        factories.make_line(self.call, "Is it open?", message_id="u1")
        self.clients = {name: Client(headers=HTMX) for name in ("anonymous", *WHO)}
        for name, who in self.people.items():
            self.clients[name].force_login(who)

    def hold(self, held: Held) -> int:
        """The own operator took it just now; returns its number."""
        where = {"call": held} if isinstance(held, Call) else {"thread": held}
        Takeover.objects.create(**where, operator=self.people["own"], fence=1, began_at=datetime.now(UTC))
        type(held)._default_manager.filter(pk=held.pk).update(holder=self.people["own"], fence=1)
        return 1

    def arrange(self, case: Case) -> tuple[str, dict[str, str]]:
        """Path and form of the case, when everything is as it needs it."""
        written = case.route.startswith("whatsapp/")
        held: Held = self.thread if written else self.call
        fence = self.hold(held) if case.held else 0
        needs = {name: self.line.pk if value == "@line" else value for name, value in case.needs.items()}
        Call.objects.filter(pk=self.call.pk).update(**needs)
        values = {"call_uuid": "CA1", "action": case.action, "thread": str(self.thread.pk), "agent": str(self.agent.pk)}
        if case.asked:
            place: dict[str, Any] = {"thread": self.thread} if written else {} if case.asked == "dial" else {"call": self.call}
            expires = datetime.now(UTC).replace(year=2100)
            place |= {"to": "+442079460177"} if case.asked == "dial" else {}
            command = factories.make_command(agent=self.agent, operator=self.people["own"], verb=case.asked, expires_at=expires, **place)
            values["command"] = str(command.pk)
        path = "/" + case.route
        for name, value in values.items():
            for kind in ("call_id", "slug", "int", "uuid"):
                path = path.replace(f"<{kind}:{name}>", value)
        meant = {**values, "colleague": str(self.people["colleague"].pk), "line": str(self.heard.pk)}
        meant |= {"saved": str(self.saved[0].pk), "foreign": str(self.saved[1].pk)}
        form = {name: meant[value[1:]] if value.startswith("@") else value for name, value in case.form.items()}
        return path, {"fence": str(fence), "key": "k1", **form}

    def press(self, who: str, case: Case) -> str:
        path, form = self.arrange(case)
        before = self.count()
        answer = self.clients[who].post(path, form)
        outcome = outcome_of(answer)
        changed = self.count() != before
        assert changed or case.silent or outcome != "done", f"{path} by {who} left no trace"
        assert outcome == "done" or not changed, f"{path} by {who} was {outcome} and changed something"
        return outcome

    def count(self) -> tuple[Any, ...]:
        """What acts leave behind; an order that waits may also be cancelled."""
        left = AuditLine.objects.count(), Command.objects.count(), Takeover.objects.count(), Pause.objects.count()
        return (*left, Command.objects.filter(state="pending").count(), *Call.objects.order_by("pk").values_list("fence", flat=True))


def outcome_of(answer: Any) -> str:
    if answer.status_code == 401 or (answer.status_code == 302 and answer["Location"].startswith("/login/")):
        return "login"
    return {200: "done", 204: "done", 302: "done", 409: "refused"}.get(answer.status_code, str(answer.status_code))


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside has not happened."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def desk(north: Team, south: Team) -> Desk:
    return Desk(north, south)


def test_every_address_that_takes_a_post_has_a_row(desk: Desk) -> None:
    found = set()
    for route in routes():
        if route.startswith(("admin/", "api/")):
            continue
        path, _ = desk.arrange(Case(route, "", action="hold"))
        path = path.replace("<uuid:command>", "00000000-0000-4000-8000-000000000000").replace("<str:recording>", "1")
        answer = desk.clients["admin"].get(path.replace("<slug:connection>", "harbour").replace("<path:call_uuid>", "CA1"))
        if "POST" in answer.headers.get("Allow", ""):
            found.add(route)
    assert found - ELSEWHERE == {case.route for case in CASES.values()}
    assert {case.action for case in CASES.values()} - {""} == set(ACTIONS)


@pytest.mark.parametrize("name", CASES)
def test_everybody_may_do_what_the_table_says_and_no_more(desk: Desk, name: str) -> None:
    got = {}
    for who in WHO:
        with undone():
            got[who] = desk.press(who, CASES[name])
    assert got == dict(zip(WHO, CASES[name].expected.split(), strict=True))
    with undone():
        assert desk.press("anonymous", CASES[name]) == "login"


@pytest.mark.parametrize("name", CASES)
def test_no_form_of_another_site_does_anything(desk: Desk, name: str) -> None:
    client = Client(enforce_csrf_checks=True, headers=HTMX)
    client.force_login(desk.people["admin"])
    path, form = desk.arrange(CASES[name])
    before = desk.count()
    assert client.post(path, form).status_code == 403
    assert desk.count() == before


def demote(who: Operator) -> None:
    Operator.objects.filter(pk=who.pk).update(role="reviewer")


def deactivate(who: Operator) -> None:
    Operator.objects.filter(pk=who.pk).update(is_active=False)


def leave_team(who: Operator) -> None:
    who.teams.clear()


def sign_out(who: Operator) -> None:
    Session.objects.all().delete()


def change_password(who: Operator) -> None:
    who.set_password("another horse battery")
    who.save(update_fields=["password"])


# what happens to the person while their page is open -> what becomes of its buttons
AFTERWARDS: dict[Callable[[Operator], None], set[str]] = {
    demote: {"refused", "404"}, deactivate: {"login"}, leave_team: {"404"}, sign_out: {"login"}, change_password: {"login"},
}  # fmt: skip
READERS_TOO = {"own presence", "own browser", "own phone", "own keyboard", "seen lines", "looking at a thread"}


@pytest.mark.parametrize("happens", AFTERWARDS)
def test_an_open_page_can_do_nothing_once_its_person_may_not(desk: Desk, happens: Callable[[Operator], None]) -> None:
    """Page and form are from before; every button that worked then is pressed."""
    own = {name: case for name, case in CASES.items() if case.expected.startswith("done") and name not in READERS_TOO}
    assert len(own) > 20
    got = {}
    happens(desk.people["own"])
    for name, case in own.items():
        with undone():
            got[name] = desk.press("own", case)
    assert {name: outcome for name, outcome in got.items() if outcome not in AFTERWARDS[happens]} == {}
