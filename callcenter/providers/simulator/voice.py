"""A Pinecall phone or browser-voice call from the first ring to the recording."""

from base64 import b64encode
from collections.abc import Generator, Mapping
from random import Random

from callcenter.providers.simulator import speech, voice_commands
from callcenter.providers.simulator.account import Account
from callcenter.providers.simulator.audio import recording
from callcenter.providers.simulator.conversation import Story
from callcenter.providers.simulator.frame import Frame, Freedom, encode
from callcenter.providers.simulator.identity import Identity
from callcenter.providers.simulator.people import fill
from callcenter.providers.simulator.pinecall_call import PinecallCall
from callcenter.providers.simulator.reactions import reaction_to
from callcenter.providers.simulator.script import Forward, Hear, Hold, Keys, Mute, Quiet, Say, Script, Skill, Step, Tones, Tool
from callcenter.providers.simulator.timing import thinking

RING_SECONDS = 5.0
PATIENCE = 20.0
WAITING = {"en": ("Hello? Is anybody there?", "Are you still there?"), "es": ("¿Hola? ¿Hay alguien?", "¿Sigue ahí?")}
NO_CREDIT, CREDIT_ENDS, TOO_LONG = 0.01, 0.015, 0.03
LONGEST_RECORDING = 10.0


class VoiceCall(PinecallCall):
    """One voice call; ``forward_to`` is the number of the people behind the agent."""

    def __init__(
        self, account: Account, identity: Identity, slots: Mapping[str, str], rng: Random, script: Script, forward_to: str, records: bool
    ) -> None:
        super().__init__(account, identity, slots, rng)
        self.script = script
        self.forward_to = forward_to
        self.records = records
        self.turn = 0
        self.generation = 0
        self.last_heard = ""
        self.pressed = ""
        self.muted_words: list[str] = []
        self.pieces: dict[str, list[str]] = {}
        self.greeting = ""
        self.story = self.told()

    def told(self) -> Story:
        """The whole call."""
        if self.identity.direction == "outbound":
            yield from self.dial()
        elif self.identity.transport == "phone" and self.rng.random() < 0.6:
            yield from self.ring()
        if self.is_over():
            return
        if self.rng.random() < NO_CREDIT and self.identity.direction == "inbound":
            self.turned_away()
            return
        self.start()
        yield from self.before_the_agent()
        if self.is_over():
            return
        yield self.rng.uniform(0.1, 0.3)
        if self.greeting:
            yield from speech.say(self, self.greeting)
        for step in self.script.steps:
            yield from self.interlude()
            yield from self.play(step)
            if self.is_over():
                return
        yield from self.interlude()
        yield from self.finish((yield from self.limit()) or self.script.reason)

    def before_the_agent(self) -> Story:
        """What answers first: the agent itself."""
        yield from self.nothing()

    def limit(self) -> Generator[float, None, str]:
        """Some calls run into a limit at their end: out of credit, or too long; the reason, or nothing."""
        luck = self.rng.random()
        if luck > CREDIT_ENDS + TOO_LONG:
            return ""
        if luck < CREDIT_ENDS:
            self.emit("credits.exhausted", {"org_id": "org_7fj2"})
        self.emit("session.timeout", {"reason": "max_duration"})
        yield 0.4
        return "max_duration"

    def turned_away(self) -> None:
        """The business has no credit: the call is refused before it begins."""
        self.flags.ended = True
        self.emit("credits.rejected", {"org_id": "org_7fj2"}, wire=self.ends())

    def ring(self) -> Story:
        """The call waits to be accepted; after some seconds the server does so by itself."""
        self.flags.ringing = True
        self.emit("call.ringing", wire=self.ends())
        patience = self.rng.uniform(2.0, RING_SECONDS)
        while patience > 0 and not self.flags.accepted:
            yield 0.5
            patience -= 0.5
        self.flags.ringing = False

    def dial(self) -> Story:
        """The call is placed; somebody answers, or nobody does."""
        self.emit("call.dialing", wire=self.ends())
        outcome = self.script.outcome
        yield {"impossible": 0.4, "busy": 3.0}.get(outcome, self.rng.uniform(4.0, 9.0))
        if outcome == "answered":
            return
        self.flags.ended = True
        if outcome == "impossible":
            self.impossible()
        else:
            wire = {"direction": "outbound", **self.ends(), "duration_seconds": 0}
            self.emit("call.ended", {"reason": outcome}, wire=wire)

    def impossible(self) -> None:
        """In the stream the SDK turns this error into an end without a call (contract: C.3)."""
        if not self.on_wire:
            bare = encode({"event": "call.ended", "agent": self.identity.agent})
            self.out.append(Frame(bare, self.identity.call_id, True, Freedom.ONCE))
        self.emit("call.error", {"error": "The destination is not a dialable number"}, wire={"code": "INVALID_NUMBER"})

    def ends(self) -> dict[str, object]:
        """The two numbers, as the wire repeats them."""
        return {"from": self.identity.from_number, "to": self.identity.to_number}

    def start(self) -> None:
        """The call is connected."""
        who = self.identity
        self.begin()
        wire = {**self.ends(), "direction": who.direction, "transport": who.transport, "metadata": who.metadata, "language": who.language}
        self.emit("call.started", wire=wire)

    def interlude(self) -> Story:
        """Between two steps: wait while held or paused, say what an operator wants said, and let the contact answer it."""
        silence = asked = 0.0
        while self.flags.held or self.replies or self.paused:
            if self.replies and not self.flags.held:
                reply = self.replies.popleft()
                yield from speech.say(self, reply.text, reply_id=reply.message_id)
                silence = 0.0
                if not (self.replies or self.flags.held or self.flags.muted or self.is_over()):
                    yield from speech.hear(self, reaction_to(reply.text, self.identity.language, self.rng))
            elif silence >= PATIENCE and asked < 2 and not (self.flags.held or self.flags.muted):
                silence, asked = 0.0, asked + 1
                yield from speech.hear(self, self.text(WAITING.get(self.identity.language[:2], WAITING["en"])))
            else:
                yield 0.5
                silence += 0.5

    def play(self, step: Step) -> Story:
        """One step of the script."""
        match step:
            case Say(text, cut):
                yield thinking(self.rng)
                yield from speech.say(self, self.text(text), cut=cut, announced=self.rng.random() < 0.5)
            case Hear(text):
                yield from speech.hear(self, self.text(text))
            case Tool():
                yield from self.use(step)
            case Keys(digits):
                yield from self.press(str(fill(digits, self.slots)))
            case Tones(digits):
                yield 0.8
                self.emit("call.dtmf_sent", {"digits": str(fill(digits, self.slots))})
            case Quiet():
                yield from self.be_quiet(step)
            case Hold(seconds):
                self.switch("held", True)
                yield seconds
                self.switch("held", False)
            case Mute(said):
                self.switch("muted", True)
                yield 3.0
                self.muted_words.append(self.text(said))
                yield 1.0
                self.switch("muted", False)
            case Skill(name):
                self.emit("skill.loaded", {"skill": name, "by": "model"})
            case Forward():
                yield from self.forward(self.forward_to)
            case _:
                return

    def press(self, keys: str) -> Story:
        """The contact presses keys, one after the other."""
        for key in keys:
            yield self.rng.uniform(0.4, 0.9)
            self.pressed += key
            self.emit("call.dtmf_received", {"digit": key, "digits": self.pressed})

    def be_quiet(self, step: Quiet) -> Story:
        """Nobody speaks; a long silence is warned of and may end the call."""
        yield step.seconds / 2
        if step.warned:
            self.emit("session.idle_warning", {"remaining_seconds": 15, "idle_timeout_seconds": 60})
        yield step.seconds / 2
        if step.fatal:
            self.emit("session.timeout", {"reason": "idle_timeout"})
            yield 0.4

    def switch(self, flag: str, on: bool) -> None:
        """Hold, unhold, mute or unmute, and say so."""
        setattr(self.flags, flag, on)
        event = {("held", True): "call.held", ("held", False): "call.unheld", ("muted", True): "call.muted"}.get((flag, on))
        if event:
            self.emit(event)
            return
        said = " ".join(self.muted_words) or None
        self.muted_words.clear()
        self.emit("call.unmuted", {"muted_transcript": said})

    def forward(self, number: str) -> Story:
        """The contact is passed on; for the agent the call is over."""
        self.emit("call.forwarded", {"to": number})
        yield 0.9
        yield from self.finish("forwarded")

    def refuse(self, reason: str) -> Story:
        """The call is turned away while it rings."""
        self.flags.ended, self.flags.ringing = True, False
        self.emit("call.rejected", {"reason": reason})
        yield from self.nothing()

    def finish(self, reason: str) -> Story:
        """The end, the complete transcript, and after a while the recording."""
        flags = self.flags
        flags.ended, flags.live, self.speaker = True, False, ""
        lasted, sounded = self.since_start(), self.clock - self.began
        wire = {"direction": self.identity.direction, **self.ends(), "duration_seconds": lasted,
                "started_at": self.started_at, "ended_at": self.now, "messages": self.history}  # fmt: skip
        self.emit("call.ended", {"reason": reason}, wire=wire, stream={"duration": lasted} if lasted else {})
        self.emit("bridge.transcript", {"reason": reason, "duration": lasted, "started_at": self.started_at,
                                        "ended_at": self.now, "transcript": self.transcript})  # fmt: skip
        if not self.records:
            return
        yield self.rng.uniform(0.8, 3.0)
        audio, milliseconds = recording(self.turns, min(max(sounded, 1.0), LONGEST_RECORDING))
        self.emit("call.recording", {"audio": b64encode(audio).decode(), "duration_ms": milliseconds, "format": "wav", "sample_rate": 8000})

    def obey(self, event: str, command: Mapping[str, object]) -> bool:
        """Do what a command of the contract's section E asks of this call."""
        return voice_commands.obey(self, event, command)

    def oppose(self, event: str, command: Mapping[str, object]) -> None:
        """Do the opposite of what the command asks."""
        voice_commands.oppose(self, event, command)
