"""The load of a full centre, as bytes: per call and second 20 audio.metrics, 3 words and 1 other event, three of four of those durable.

Frames are the provider's own (the form of its SDK). Everything constant is encoded once, so that the generator stays cheap.
"""

import time
from collections.abc import Iterator

SLOTS = 20  # a second; every call has one level in each
WORDS = ["I", "can", "move", "the", "appointment", "to", "Thursday", "at", "half", "past", "nine", "if", "that", "suits", "you", "better"]
TURN_S = 4  # bot.speaking, user.speaking, user.message, and when its words are said bot.finished
PROBE = "probe-%d-"


class Talk:
    """One call of the load. A ``quiet`` one has levels only: its last line is a probe, which nothing covers."""

    def __init__(self, number: int, run: str, agent: str, quiet: bool = False) -> None:
        self.number, self.quiet, self.run, self.agent, self.generation = number, quiet, run, agent, 0
        self.id = f"CA{run}{number:0{32 - len(run)}d}"
        self.seq = 0
        self.spoken = 0  # words of the message that is being spoken
        self.turn = 0
        who = f'"agentId":"{agent}","callId":"{self.id}","sessionId":"{self.id}"'
        ends = f'"from":"+4477009{number:05d}","to":"+442079460118","direction":"inbound","transport":"phone","agent":"{agent}"'
        self.who, self.ends = who, ends
        sides = (("user", -31.4, 0.04), ("bot", -18.9, 0.16))
        self.levels = [
            f'{{"event":"audio.metrics",{who},"source":"{side}","energyDb":{db - step},"rms":{rms},"peak":0.5,"isSpeech":true,'.encode()
            for step in range(8)
            for side, db, rms in sides
        ]

    def successor(self) -> "Talk":
        """The next call on the same line."""
        made = Talk(self.number, f"{int(self.run[:10], 16):010x}{self.generation + 1:04x}", self.agent)
        made.generation = self.generation + 1
        return made

    def frame(self, event: str, fields: str = "") -> bytes:
        return self.stamped(f'{{"event":"{event}",{self.who},{fields}'.encode())

    def stamped(self, head: bytes) -> bytes:
        self.seq += 1
        return b'%s"seq":%d,"ts":%.3f,%s}' % (head, self.seq, time.time(), self.ends.encode())

    def begin(self) -> list[bytes]:
        return [self.frame("call.ringing"), self.frame("call.started")]

    def end(self) -> bytes:
        return self.frame("call.ended", '"reason":"hangup",')

    def level(self, slot: int) -> bytes:
        return self.stamped(self.levels[(slot + self.number) % len(self.levels)])

    def word(self) -> bytes:
        said = WORDS[self.spoken % len(WORDS)]
        fields = f'"messageId":"m{self.number}-{self.turn}","word":"{said}","wordIndex":{self.spoken},"startTime":1.0,"endTime":1.2,'
        self.spoken += 1
        return self.frame("bot.word", fields)

    def other(self, second: int) -> tuple[bytes, bool]:
        """The one other event of this second, and whether it is durable."""
        message = f'"messageId":"m{self.number}-{self.turn}",'
        step = self.step(second)
        if step == 0:
            self.turn, self.spoken = self.turn + 1, 0
            return self.frame("bot.speaking", f'"messageId":"m{self.number}-{self.turn}","text":"{" ".join(WORDS[:12])}",'), True
        if step == 1:
            return self.frame("user.speaking", f'"messageId":"u{self.number}-t{self.turn}","text":"I need to",'), False
        if step == 2:
            return self.say(f"I need to move my appointment, number {self.turn}.", f"t{self.turn}"), True
        return self.frame("bot.finished", message), True

    def step(self, second: int) -> int:
        return (second + self.number) % TURN_S

    def say(self, text: str, name: str = "") -> bytes:
        return self.frame("user.message", f'"messageId":"u{self.number}-{name or self.seq}","text":"{text}",')


def make_talks(count: int, quiet: int = 10, agents: int = 20) -> list[Talk]:
    """Calls of a run of its own; the first ``quiet`` of them carry probes."""
    run = f"{time.time_ns() // 1000 % 16**10:010x}"
    return [Talk(number, run, f"desk-{number % agents}" if number >= quiet else "frontdesk", number < quiet) for number in range(count)]


def slot(talks: list[Talk], number: int) -> Iterator[tuple[bytes, bool]]:
    """What all calls send in one slot of 1/20 s: (frame, is durable)."""
    for talk in talks:
        second, place = divmod(number + talk.number * 7, SLOTS)
        if place in (3, 10, 17) and not talk.quiet:
            yield talk.word(), False
        elif not talk.quiet and place == (19 if talk.step(second) == 3 else 0):
            yield talk.other(second)
        yield talk.level(number), False


def envelope(stream: str, number: int, frames: list[bytes]) -> bytes:
    return b'{"stream":"%s","id":%d,"frames":[%s]}' % (stream.encode(), number, b",".join(frames))
