"""A random afternoon: calls of every channel do what calls do, and readers come, fall behind, look away and come back."""

import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from callcenter.calls.holding import change_holder, held_of
from callcenter.calls.models import Agent, Call
from callcenter.console.floor import audience_of
from callcenter.journal.revision import next_revision
from callcenter.operators.models import Operator, Team
from tests.e2e.stories import Conversation, Frame
from tests.live.scene import Chat, Sippet, WhatsApp, sound
from tests.live.stage import Stage
from tests.live.tab import Tab

FLOORS = ("/", "/?status=attention", "/?channel=phone", "/?q=boiler", "/?agent=orders")
AGENTS = ("frontdesk", "orders")
SOUND = sound()


class Walk:
    """``choose`` makes every choice. Some numbers are the same contact; calls may go from one team to the other."""

    def __init__(self, stage: Stage, readers: list[Operator], teams: list[Team], choose: random.Random) -> None:
        self.stage, self.readers, self.teams, self.choose = stage, readers, teams, choose
        self.phones: list[Conversation] = []
        self.whatsapps: list[WhatsApp] = []
        self.chats: list[Chat] = []
        self.sips: list[Sippet] = []
        self.messages = 0

    def step(self, name: str) -> None:
        getattr(self, name)()

    def finish(self) -> None:
        """Everybody is back and has read everything."""
        for tab in self.stage.tabs:
            tab.asleep = False
            if not tab.socket.visible:
                tab.show(visible=True)
        for _ in range(3):
            self.stage.later()
            self.stage.look()
        assert [tab.path for tab in self.stage.tabs if tab.socket.lagging] == []
        self.stage.check()

    # Calls

    def phone_rings(self) -> None:
        call = Conversation(self.choose.choice(["", "Lena", "Noor"]), agent=self.choose.choice(AGENTS))
        call.number = f"+4477009009{self.choose.randrange(3):02}"
        self.phones.append(call)
        self.stage.pinecall.send(self.choose.choice([call.rings, call.starts])())

    def phone_goes_on(self) -> None:
        if self.phones:
            call = self.choose.choice(self.phones)
            self.stage.pinecall.send(*self._phone_frames(call), ago=self.choose.choice([0, 0, 0, 130]))

    def _phone_frames(self, call: Conversation) -> list[Frame]:
        message = f"m{self.choose.randrange(4)}"
        events: list[Callable[[], Frame | list[Frame]]] = [
            lambda: call.starts(order=4711),
            lambda: call.hears(f"u{message}", self._words()),
            lambda: call.heard(f"u{message}", self._words()),
            lambda: call.begins(message, "We have nine or ten o'clock"),
            lambda: [call.word(message, index, "word") for index in range(self.choose.randrange(5))],
            lambda: call.said(message, "We have nine or ten o'clock"),
            lambda: call.frame("bot.interrupted", message_id=message, words_spoken=self.choose.randrange(4)),
            lambda: call.frame("message.aborted", message_id=message),
            lambda: call.frame("reply.rejected", message_id=message, reason="obsolete"),
            lambda: call.tool(message, "find", "{}", {"error": "no"})[: self.choose.randrange(1, 3)],
            self.choose.choice([call.held, call.unheld, call.runs_out_of_credit]),
            lambda: call.frame(self.choose.choice(["call.muted", "speech.started", "speech.ended", "turn.end", "skill.loaded"])),
            lambda: call.frame("call.unmuted", muted_transcript=self._words()),
            lambda: call.frame("call.dtmf_received", digit="1", digits="1" * self.choose.randrange(1, 4)),
            lambda: call.frame("call.forwarded", to="+442079460177"),
            lambda: call.frame("call.recording", audio=SOUND, duration_ms=200),
            lambda: call.frame("session.idle_warning", remaining_seconds=15),
            lambda: call.frame("call.updated", language=self.choose.choice(["en", "fr"])),
            lambda: call.frame("call.routed") | {"agent": self.choose.choice(AGENTS), "agent_id": "line:+44"},
            lambda: call.louder("user", -self.choose.randrange(60)),
            lambda: call.ends(self.choose.choice(["hangup", "no-answer"])),
        ]
        frames = self.choose.choice(events)()
        return frames if isinstance(frames, list) else [frames]

    def whatsapp_goes_on(self) -> None:
        if not self.whatsapps or self.choose.random() < 0.2:
            self.whatsapps.append(WhatsApp(f"4477009009{self.choose.randrange(3):02}"))
        call = self.choose.choice(self.whatsapps)
        self.messages += 1
        frames = [
            call.opens(self.choose.choice(["", "Noor"])),
            call.writes(f"wamid.{self.messages}", self._words(), self.choose.choice(["text", "image"]), paused=self.choose.random() < 0.3),
            call.answers(self._words(), source=self.choose.choice(["agent", "human"])),
            call.status(self.choose.choice(["sent", "delivered", "read", "failed"]), f"wamid.O{self.choose.randrange(3)}"),
            call.session("whatsapp.session_ended", contact_phone=call.digits, reason="idle_timeout"),
        ]
        self.stage.pinecall.send(self.choose.choices(frames, [2, 4, 4, 4, 1])[0])

    def chat_goes_on(self) -> None:
        if not self.chats or self.choose.random() < 0.2:
            self.chats.append(Chat())
        call = self.choose.choice(self.chats)
        frames = [
            call.frame("llm.chat.started"),
            call.frame("chat.message", text=self._words(), message_id=f"c{self.choose.randrange(5)}"),
            call.frame("llm.chat.chunk", message_id="r1", token=self._words()),
            call.frame("chat.response", text=self._words()),
            call.frame("llm.chat.ended"),
        ]
        self.stage.pinecall.send(self.choose.choices(frames, [2, 4, 4, 4, 1])[0])

    def sippet_goes_on(self) -> None:
        if not self.sips or self.choose.random() < 0.2:
            self.sips.append(Sippet())
        call, item = self.choose.choice(self.sips), f"i{self.choose.randrange(3)}"
        frames = [
            call.rings(), call.answers(), call.joins(item, "operator"), call.leaves(item, "operator"), call.piece(item, self._words()),
            call.line(item, self._words()), call.audit("token_usage", totalTokens=3), call.audit("step", success=False), call.ends(),
        ]  # fmt: skip
        self.stage.sippet.send(self.choose.choices(frames, [3, 3, 1, 1, 3, 3, 1, 1, 1])[0])

    def _words(self) -> str:
        return self.choose.choice(["yes", "my boiler leaks", "<b>no</b>", "one two three four five", "\u202eevil\u202c"])

    # Agents, teams, silence

    def agent_is_paused(self) -> None:
        kind = self.choose.choice(["session.paused", "session.resumed", "agent.displaced", "connected"])
        target: dict[str, Any] = self.choose.choice([{}, {"contact": f"4477009009{self.choose.randrange(3):02}"}])
        self.stage.pinecall.send({"event": kind, "agent_id": self.choose.choice(AGENTS), **target})

    def agent_moves(self) -> None:
        for agent in Agent.objects.filter(slug=self.choose.choice(AGENTS)):
            Agent.objects.filter(pk=agent.pk).update(team=self.choose.choice(self.teams), revision=next_revision())

    def operator_takes_over(self) -> None:
        holder = self.choose.choice([None, *self.readers])
        calls = list(Call.objects.for_rows().order_by("call_uuid"))
        if calls:
            why = "taken_over" if holder else "handed_back"
            change_holder(held_of(self.choose.choice(calls)), holder, fence=None, by=holder, why=why, now=datetime.now(UTC))

    def time_passes(self) -> None:
        self.stage.later()
        self.stage.tick()

    # Readers

    def opens_a_floor(self) -> None:
        self.stage.open(self.choose.choice(self.readers), self.choose.choice(FLOORS))

    def opens_a_call(self) -> None:
        reader = self.choose.choice(self.readers)
        uuids = list(Call.objects.in_teams(audience_of(reader)).values_list("call_uuid", flat=True))
        if uuids:
            self.stage.open(reader, f"/calls/{self.choose.choice(sorted(uuids))}/")

    def everybody_looks(self) -> None:
        self.stage.look()

    def hints_are_lost(self) -> None:
        self.stage.look_without_hints()

    def nobody_reads(self) -> None:
        """Frames pile up for everybody."""
        self.stage.deliver()

    def one_falls_asleep(self) -> None:
        for tab in self._some_tab():
            tab.asleep = True

    def one_wakes_up(self) -> None:
        for tab in self._some_tab():
            tab.asleep = False
            tab.read()

    def one_looks_away(self) -> None:
        for tab in self._some_tab():
            if tab.socket.visible:
                tab.show(visible=False)

    def one_comes_back(self) -> None:
        for tab in self._some_tab():
            if not tab.socket.visible:
                tab.show(visible=True)

    def one_reconnects(self) -> None:
        """The page stays as it was, the socket is a new one."""
        for tab in self._some_tab():
            tab.reconnect()

    def the_desk_forgets(self) -> None:
        """As after an error."""
        self.stage.desk.rest()

    def _some_tab(self) -> list[Tab]:
        return [self.choose.choice(self.stage.tabs)] if self.stage.tabs else []


STEPS = {
    "phone_rings": 4, "phone_goes_on": 20, "whatsapp_goes_on": 8, "chat_goes_on": 5, "sippet_goes_on": 6, "agent_is_paused": 2,
    "agent_moves": 1, "operator_takes_over": 1, "time_passes": 2, "opens_a_floor": 2, "opens_a_call": 4, "everybody_looks": 12,
    "hints_are_lost": 2, "nobody_reads": 2, "one_falls_asleep": 2, "one_wakes_up": 3, "one_looks_away": 1, "one_comes_back": 1,
    "one_reconnects": 1, "the_desk_forgets": 1,
}  # fmt: skip
