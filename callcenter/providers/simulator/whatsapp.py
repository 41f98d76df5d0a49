"""A WhatsApp session of one contact with one agent, and what an operator may do in it."""

from collections.abc import Mapping
from random import Random

from callcenter.providers.simulator.account import Account
from callcenter.providers.simulator.conversation import Story
from callcenter.providers.simulator.identity import Identity, whatsapp_id
from callcenter.providers.simulator.pinecall_call import PinecallCall
from callcenter.providers.simulator.reactions import reaction_to
from callcenter.providers.simulator.script import Hear, Quiet, Say, Script, Tool
from callcenter.providers.simulator.timing import reading, thinking, typing
from callcenter.providers.simulator.voice_commands import word

NUDGES = {"en": ("hello?", "are you still there?", "anybody?"), "es": ("hola?", "¿siguen ahí?", "¿hay alguien?")}
PATIENCE = 25.0


def reports(now: float, message: str, failing: bool, rng: Random) -> list[tuple[float, str, str]]:
    """When each delivery report of one message is due; a failing number never gets it."""
    sent, delivered, read = now + 0.35, now + rng.uniform(0.9, 2.0), now + rng.uniform(2.5, 11.0)
    if failing:
        return [(sent, message, "sent"), (delivered, message, "failed")]
    return [(sent, message, "sent"), (delivered, message, "delivered"), (read, message, "read")]


class WhatsAppCall(PinecallCall):
    """One provider session; the contact may come back in another one later."""

    def __init__(self, account: Account, identity: Identity, slots: Mapping[str, str], rng: Random, script: Script) -> None:
        super().__init__(account, identity, slots, rng)
        self.script = script
        self.failing = rng.random() < 0.06
        self.helped = ""
        self.reports: list[tuple[float, str, str]] = []
        self.lines = 0
        self.story = self.told()

    def told(self) -> Story:
        """The whole session; delivery reports come in between, whatever else happens."""
        who = self.identity
        self.begin()
        self.emit("whatsapp.session_started", {"contact_phone": who.contact, "contact_name": who.name}, stream={"session_id": who.call_id})
        for step in self.script.steps:
            yield from self.with_operator()
            match step:
                case Hear(text, kind):
                    yield from self.receive(self.text(text), kind)
                case Say(text):
                    if not self.paused:
                        yield from self.answer(self.text(text))
                case Tool():
                    if not self.paused:
                        yield from self.use(step)
                case Quiet(seconds):
                    yield from self.wait(seconds)
                case _:
                    continue
        yield from self.wait(self.rng.uniform(15.0, 45.0))
        yield from self.with_operator()
        yield from self.finish("idle_timeout")

    def pass_time(self, seconds: float) -> Story:
        """Wait, handing in delivery reports when they are due."""
        until = self.clock + seconds
        while True:
            due = [report for report in self.reports if report[0] <= self.clock]
            self.reports = [report for report in self.reports if report[0] > self.clock]
            for _, message, status in due:
                self.emit("whatsapp.status", {"status": status, "recipient": self.identity.contact, "message_id": message})
            left = until - self.clock
            if left <= 0.001:
                return
            yield min(left, 1.0)

    def wait(self, seconds: float) -> Story:
        """Nothing to say for so long, unless an operator comes."""
        until = self.clock + seconds
        while (left := until - self.clock) > 0.001 and not (self.helped or self.paused):
            yield from self.pass_time(min(left, 1.0))

    def with_operator(self) -> Story:
        """While the agent is silent the contact waits, asks, and answers what an operator writes."""
        waited, asked = 0.0, 0
        while self.helped or self.paused:
            if self.helped:
                read, self.helped, waited = self.helped, "", 0.0
                yield from self.pass_time(self.rng.uniform(3.0, 8.0))
                yield from self.receive(reaction_to(read, self.identity.language, self.rng), "text")
                continue
            yield from self.pass_time(1.0)
            waited += 1.0
            if waited >= PATIENCE and asked < 2:
                yield from self.receive(self.text(NUDGES[self.identity.language]), "text")
                waited, asked = 0.0, asked + 1
            elif waited >= PATIENCE * 4:
                return

    def receive(self, text: str, kind: str) -> Story:
        """A message of the contact."""
        yield from self.pass_time(typing(text, self.rng) if kind == "text" else self.rng.uniform(3.0, 7.0))
        self.emit("whatsapp.message", {"from": self.identity.contact, "name": self.identity.name, "type": kind, "text": text,
                                       "message_id": whatsapp_id(self.ids), "paused": self.paused})  # fmt: skip
        self.lines += 1
        self.note("user", text)

    def answer(self, text: str) -> Story:
        """The agent reads, thinks and writes."""
        yield from self.pass_time(thinking(self.rng) + reading(text, self.rng) / 3)
        if not self.paused:
            self.send(text)
            yield from self.pass_time(0.4)

    def send(self, text: str, source: str = "") -> None:
        """A message to the contact, and its delivery reports to come; ``source`` is ``human`` or empty."""
        self.emit("whatsapp.response", {"to": self.identity.contact, "text": text, **({"source": source} if source else {})})
        self.lines += 1
        self.note("assistant", text)
        self.reports += reports(self.clock, whatsapp_id(self.ids), self.failing, self.rng)

    def finish(self, reason: str) -> Story:
        """The session is over; the thread with the contact stays."""
        yield from self.pass_time(max([0.0, *(report[0] - self.clock for report in self.reports)]) + 0.1)
        self.flags.ended, self.flags.live = True, False
        lasted = round(self.since_start())
        self.emit("whatsapp.session_ended", {
            "contact_phone": self.identity.contact, "contact_name": self.identity.name, "reason": reason,
            "started_at": self.started_at, "ended_at": self.now, "duration": lasted, "message_count": self.lines,
            "transcript": self.transcript, "messages": self.transcript,
        })  # fmt: skip
        self.account.remember(self.identity)

    def obey(self, event: str, command: Mapping[str, object]) -> bool:
        """Send what an operator wrote."""
        if event != "session.send" or self.flags.ended:
            return False
        self.emit("session.sent", {"session_id": self.identity.call_id})
        self.send(word(command, "text"), "human")
        self.helped = word(command, "text")
        return True

    def oppose(self, event: str, command: Mapping[str, object]) -> None:
        """The agent writes instead of the operator."""
        if event == "session.send" and word(command, "text"):
            self.emit("whatsapp.response", {"to": self.identity.contact, "text": "How else can I help?"})
