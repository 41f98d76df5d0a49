"""A Pinecall web chat: typed lines, answers whole or in pieces, an end or a failure."""

from collections.abc import Mapping
from random import Random

from callcenter.providers.simulator.account import Account
from callcenter.providers.simulator.conversation import Reply, Story
from callcenter.providers.simulator.identity import Identity, message_id
from callcenter.providers.simulator.pinecall_call import PinecallCall
from callcenter.providers.simulator.script import Hear, Quiet, Say, Script, Tool
from callcenter.providers.simulator.timing import reading, thinking, typing
from callcenter.providers.simulator.voice_commands import word


class ChatCall(PinecallCall):
    """One chat."""

    def __init__(self, account: Account, identity: Identity, slots: Mapping[str, str], rng: Random, script: Script) -> None:
        super().__init__(account, identity, slots, rng)
        self.script = script
        self.in_pieces = rng.random() < 0.4
        self.story = self.told()

    def told(self) -> Story:
        """The whole chat."""
        who = self.identity
        self.begin()
        wire = {"metadata": who.metadata, "language": who.language}
        self.emit("llm.chat.started", wire=wire)
        yield self.rng.uniform(0.5, 2.0)
        failing = self.script.reason == "chat_error"
        for step in self.script.steps:
            yield from self.interlude()
            match step:
                case Hear(text):
                    line = self.text(text)
                    if line:
                        yield from self.write(line)
                case Say(text):
                    yield thinking(self.rng)
                    yield from self.answer(self.text(text))
                case Tool():
                    yield from self.use(step)
                case Quiet(seconds):
                    yield seconds
                case _:
                    continue
        yield from self.interlude()
        if failing:
            yield from self.fail()
            return
        yield self.rng.uniform(4.0, 15.0)
        yield from self.interlude()
        yield from self.finish("chat_completed")

    def interlude(self) -> Story:
        """Operators' words come first; a silenced agent waits."""
        while self.replies or self.paused:
            if self.replies:
                reply = self.replies.popleft()
                self.emit("bot.speaking", {"message_id": reply.message_id, "text": reply.text})
                yield 0.2
                self.emit("message.confirmed", {"message_id": reply.message_id, "text": reply.text})
                self.note("assistant", reply.text)
            yield 0.5

    def write(self, line: str) -> Story:
        """The contact types a line."""
        yield typing(line, self.rng)
        self.emit("chat.message", {"text": line, "message_id": ""}, stream={"confidence": 1, "turn_id": 0})
        self.note("user", line)

    def answer(self, line: str) -> Story:
        """The agent answers, whole or a few words at a time."""
        if not self.in_pieces:
            self.emit("chat.response", {"text": line}, stream={"message_id": ""})
        else:
            yield from self.stream_out(line, message_id(self.ids))
        self.note("assistant", line)
        yield reading(line, self.rng)

    def stream_out(self, line: str, msg: str) -> Story:
        """The pieces of one answer; together they are the whole line."""
        words = line.split(" ")
        at = 0
        while at < len(words):
            size = self.rng.randint(1, 3)
            piece = (" " if at else "") + " ".join(words[at : at + size])
            at += size
            self.emit("llm.chat.chunk", {"message_id": msg}, wire={"token": piece}, stream={"text": piece})
            yield 0.09

    def fail(self) -> Story:
        """The model breaks off in the middle of an answer."""
        self.emit("llm.chat.chunk", {"message_id": message_id(self.ids)}, wire={"token": "One"}, stream={"text": "One"})
        yield 1.2
        self.flags.ended, self.flags.live = True, False
        self.emit("llm.chat.error", wire={"error": "model unavailable"}, stream={"reason": "chat_error"})

    def finish(self, reason: str) -> Story:
        """The end, with the complete history."""
        self.flags.ended, self.flags.live = True, False
        lasted = self.since_start()
        if reason == "chat_completed":
            wire: dict[str, object] = {"duration_seconds": lasted, "messages": self.history}
            self.emit("llm.chat.ended", wire=wire, stream={"duration": lasted, "reason": reason})
        else:
            wire = {"duration_seconds": lasted, "messages": self.history, "reason": reason}
            self.emit("call.ended", wire=wire, stream={"duration": lasted, "reason": reason})
        told = {"reason": reason, "duration": lasted, "started_at": self.started_at, "ended_at": self.now, "transcript": self.transcript}
        self.emit("bridge.transcript", told)
        yield from self.nothing()

    def obey(self, event: str, command: Mapping[str, object]) -> bool:
        """Say words, or end the chat; both are unconfirmed in the contract and work here."""
        if not self.flags.live:
            return False
        if event == "bot.reply":
            self.replies.append(Reply(word(command, "text"), word(command, "message_id") or message_id(self.ids)))
        elif event == "call.hangup":
            self.retell(self.finish("hangup"), after=0.2)
        else:
            return False
        return True

    def oppose(self, event: str, command: Mapping[str, object]) -> None:
        """Refuse the words that were to be said."""
        if event == "bot.reply":
            self.emit("reply.rejected", {"message_id": word(command, "message_id"), "in_reply_to": "", "reason": "message_obsolete"})
