"""A Sippet phone call: legs that come and go, transcript pieces, the agent's audit trail."""

from collections.abc import Mapping
from random import Random

from callcenter.providers.simulator.account import Account
from callcenter.providers.simulator.conversation import Conversation, Story
from callcenter.providers.simulator.frame import encode
from callcenter.providers.simulator.identity import Identity, digits16, uuid
from callcenter.providers.simulator.people import fill
from callcenter.providers.simulator.script import Forward, Hear, Hold, Mute, Quiet, Say, Script, Step, Takeover, Tool
from callcenter.providers.simulator.sippet_form import SippetForm, agent_id
from callcenter.providers.simulator.sippet_tokens import token_figures
from callcenter.providers.simulator.timing import reaction, thinking

STATES = ("greeting", "triage", "details", "booking", "closing")
SMALL_TALK = {
    "en": ("Right, I am looking at it now.", "Could you tell me that once more?", "I have noted that down."),
    "es": ("Vale, lo estoy mirando.", "¿Me lo repite, por favor?", "Ya lo he apuntado."),
}
ANSWERS = {"en": ("OK.", "Yes, that is right.", "Thank you for helping."), "es": ("Vale.", "Sí, eso es.", "Gracias por la ayuda.")}


class SippetCall(Conversation):
    """One call; its agent's trail counts steps through the script."""

    def __init__(self, account: Account, identity: Identity, slots: Mapping[str, str], rng: Random, script: Script, wrapping: str) -> None:
        super().__init__(account, identity, slots, rng)
        self.script = script
        self.form = SippetForm(identity.call_id, uuid(self.ids), wrapping, rng)
        self.agent_id, self.room, self.item = agent_id(identity.agent), f"room-{rng.randint(10, 999)}", 0
        self.legs: dict[str, tuple[str, float]] = {}
        self.step = 0
        self.story = self.told()

    def emit(self, event: str, fields: Mapping[str, object]) -> None:
        """Send one event of this call."""
        self.out.append(self.form.encode(event, fields))

    def told(self) -> Story:
        """The whole call, including the oddities of the contract's stories."""
        who = self.identity
        announced = self.rng.random() > 0.06
        self.started_at, self.began = self.now, self.clock
        if announced:
            self.emit("incoming_call", {
                "direction": who.direction, "from_number": who.from_number, "to_number": who.to_number,
                "status": self.rng.choice(("ringing", "initiated")), "started_at": self.form.time(self.now),
                "sip_username": f"op.{self.slots['operator'].lower()}" if self.rng.random() < 0.3 else None,
            })  # fmt: skip
        self.join("caller")
        yield self.rng.uniform(0.8, 4.0) if who.direction == "inbound" else self.rng.uniform(4.0, 9.0)
        if self.script.outcome == "answered":
            yield from self.answered()
        else:
            yield from self.finish(self.script.outcome.replace("-", "_"))

    def answered(self) -> Story:
        """From the answer to the end."""
        self.flags.live = True
        self.emit("call_answered", {"status": "answered", "answered_at": self.form.time(self.now)})
        self.join("ai_agent")
        yield 0.3
        for step in self.script.steps:
            self.step += 1
            yield from self.with_operator()
            yield from self.play(step)
            if self.is_over():
                return
        yield from self.with_operator()
        yield from self.finish("completed")

    def play(self, step: Step) -> Story:
        """One step of the script."""
        match step:
            case Say(text):
                yield thinking(self.rng)
                yield from self.speak("assistant", self.text(text))
                if self.rng.random() < 0.4:
                    self.audit("token_usage", {**token_figures(self.rng), "payload": {"window": "turn"}})
            case Hear(text):
                yield reaction(self.rng)
                yield from self.speak("user", self.text(text))
            case Tool():
                yield from self.use(step)
            case Quiet(seconds) | Hold(seconds):
                yield seconds
            case Mute():
                yield 3.0
            case Takeover(lines, hands_back):
                yield from self.taken_over(lines, hands_back)
            case Forward():
                yield 1.0
                self.flags.ended = True
                yield from self.finish("completed")
            case _:
                return

    def speak(self, role: str, text: str) -> Story:
        """Pieces as they are recognised, then the final text, which may correct them."""
        self.item += 1
        names = {"item_id": f"itm_{self.item:03d}", "content_index": 0} if self.form.spelling.items else {}
        rate = self.rates["contact" if role == "user" else "agent"]
        words, at = text.split(), 0
        self.speaker = "contact" if role == "user" else "agent"
        while at < len(words):
            if role == "assistant" and self.flags.taken:
                text = " ".join(words[:at])
                break
            size = self.rng.randint(1, 3)
            piece = (" " if at else "") + " ".join(words[at : at + size])
            yield len(words[at : at + size]) / rate
            at += size
            if role == "user" and self.rng.random() < 0.04:
                piece = piece.replace("ea", "ee", 1)
            self.emit("call_transcript_delta", {**names, "role": role, "delta": piece})
        yield 0.1
        self.speaker = ""
        if not text:
            return
        self.emit("call_transcript_completed", {**names, "role": role, "text": text, "occurred_at": self.form.time(self.now)})
        self.note(role, text)

    def use(self, tool: Tool) -> Story:
        """The agent uses a tool; the audit event comes when it is done."""
        yield tool.seconds
        arguments = fill(tool.arguments, self.slots)
        self.audit("tool_call", {
            "tool_name": tool.name, "tool_call_id": f"tc_{digits16(self.ids, 6)}", "tool_arguments": arguments,
            "tool_arguments_raw": encode(arguments).decode(), "success": not tool.error, "error": tool.error or None,
            "tool_output": None if tool.error else fill(tool.result, self.slots), "payload": {"latencyMs": round(tool.seconds * 1000)},
        })  # fmt: skip

    def audit(self, kind: str, fields: Mapping[str, object]) -> None:
        """One line of the agent's trail, with its place in the script."""
        total = max(len(self.script.steps), 1)
        state = STATES[min(self.step * len(STATES) // (total + 1), len(STATES) - 1)]
        self.emit("call_ai_audit_event", {
            "id": uuid(self.ids), "event_type": kind, "occurred_at": self.form.time(self.now), "success": True,
            "organisation_id": "e2b47c08-6d19-4a3f-8570-9c1fd3a6b2e5", "agent_id": self.agent_id, "room_id": self.room,
            "model": "voice-large", "state_id": state, "state_label": state.capitalize(), "step_index": self.step,
            "total_steps": total, "progress_percent": min(round(100 * self.step / total), 100), **fields,
        })  # fmt: skip

    def join(self, role: str) -> None:
        """A leg enters; one of a role at a time."""
        member = f"m-{'pstn' if role == 'caller' else 'ai' if role == 'ai_agent' else 'op'}-{digits16(self.ids, 6)}"
        self.legs[role] = (member, self.now)
        self.emit("call_participant_joined", {"member_uuid": member, "role": role, "joined_at": self.form.time(self.now)})

    def leave(self, role: str) -> None:
        """A leg goes, if it is there."""
        if role not in self.legs:
            return
        member, since = self.legs.pop(role)
        self.emit("call_participant_left", {"member_uuid": member, "role": role, "joined_at": self.form.time(since),
                                            "left_at": self.form.time(self.now)})  # fmt: skip

    def hand(self, taken: bool) -> None:
        """An operator takes the call over from the agent, or gives it back."""
        if taken == self.flags.taken:
            return
        self.flags.taken = taken
        self.join("operator" if taken else "ai_agent")
        self.leave("ai_agent" if taken else "operator")

    def taken_over(self, lines: tuple[Say | Hear, ...], hands_back: bool) -> Story:
        """An operator joins by themselves, speaks, and finishes the call or hands it back."""
        self.hand(True)
        for line in lines:
            yield reaction(self.rng)
            yield from self.speak("operator" if isinstance(line, Say) else "user", self.text(line.text))
        if hands_back:
            self.hand(False)
        else:
            yield from self.finish("completed")

    def with_operator(self) -> Story:
        """While an operator has the call they and the contact talk; the agent is not there."""
        while self.flags.taken and not self.is_over():
            yield self.rng.uniform(2.0, 6.0)
            if self.flags.taken:
                yield from self.speak("operator", self.text(SMALL_TALK[self.identity.language]))
            yield reaction(self.rng)
            yield from self.speak("user", self.text(ANSWERS[self.identity.language]))

    def finish(self, status: str) -> Story:
        """Everybody leaves and the call is over; now and then that is said twice, or an answer comes late."""
        self.flags.ended, self.flags.live, self.speaker = True, False, ""
        if self.rng.random() < 0.7:
            for role in list(self.legs):
                self.leave(role)
        over = {"status": status, "ended_at": self.form.time(self.now), "duration_seconds": round(self.since_start())}
        self.emit("call_ended", over)
        yield self.rng.uniform(0.5, 2.0)
        odd = self.rng.random()
        if odd < 0.08:
            self.emit("call_ended", over)
        elif odd < 0.14 and status == "completed":
            self.emit("call_answered", {"status": "answered"})

    def obey(self, action: str) -> bool:
        """Do what an operator's action asks (contract: sippet.md 7); False when it makes no sense now."""
        if self.is_over():
            return False
        if action == "end_call":
            self.retell(self.finish("completed"))
        elif action == "barge_call" and self.flags.live:
            self.hand(True)
        elif action == "resume_ai_call" and self.flags.live:
            self.hand(False)
        else:
            return False
        return True

    def oppose(self, action: str) -> None:
        """The operator joins and is gone again, or stays although told to leave; the call does not end."""
        if self.is_over():
            return
        if action == "barge_call":
            self.join("operator")
            self.leave("operator")
        else:
            self.emit("call_answered", {"status": "answered"})
