"""Voice on Pinecall, utterance by utterance: the agent word by word, the contact as it is heard."""

from typing import TYPE_CHECKING

from callcenter.providers.simulator.conversation import Story
from callcenter.providers.simulator.identity import message_id, utterance_id
from callcenter.providers.simulator.timing import Word, growing, reaction, spoken, thinking

if TYPE_CHECKING:
    from callcenter.providers.simulator.voice import VoiceCall


def say(call: "VoiceCall", text: str, *, cut: float = 0.0, reply_id: str = "", announced: bool = True) -> Story:
    """The agent speaks one message; ``cut`` is the share after which the contact breaks in.

    The line may also be cut by a hold, by a pause or by the command to stop speaking.
    """
    msg = reply_id or message_id(call.ids)
    words = spoken(text, call.rates["agent"])
    last = max(1, round(len(words) * cut)) if cut else len(words)
    call.emit("bot.speaking", {"message_id": msg, "text": text if announced else ""})
    call.speaker = "agent"
    call.sound("agent", words[last - 1].end if words else 0.0)
    call.flags.cut = False
    at = 0.0
    for word in words[:last]:
        yield word.end - at
        at = word.end
        call.emit("bot.word", {"message_id": msg, "word": word.text, "word_index": word.place,
                               "start_time": word.start, "end_time": word.end})  # fmt: skip
        if call.flags.cut or call.flags.held:
            break_off(call, msg, words[: word.place + 1], "cancelled")
            return
    if cut and last < len(words):
        yield from break_in(call, msg, words[:last])
        return
    yield 0.05
    settled: list[tuple[str, dict[str, object]]] = [("bot.finished", {"message_id": msg, "duration_ms": round(at * 1000)}),
               ("message.confirmed", {"message_id": msg, "text": text})]  # fmt: skip
    if call.rng.random() < 0.2:
        settled.reverse()
    for event, fields in settled:
        call.emit(event, fields)
    if call.identity.transport == "webrtc" and settled[-1][0] == "message.confirmed":
        copy = {"message_id": msg, "text": text, "phone_number": f"session:{call.identity.call_id[:8]}"}
        call.emit("message.confirmed", copy, same_seq=True)
    call.speaker = ""
    call.note("assistant", text)


def break_off(call: "VoiceCall", msg: str, heard: list[Word], reason: str) -> None:
    """The line ends here; what was heard of it is what counts."""
    call.emit("bot.interrupted", {"message_id": msg, "played_ms": round(heard[-1].end * 1000), "words_spoken": len(heard),
                                  "last_word": heard[-1].text, "reason": reason})  # fmt: skip
    call.emit("barge_in", {"cancelled_message_id": msg})
    call.emit("message.aborted", {"message_id": msg, "reason": "cancelled" if reason == "cancelled" else "barge_in"})
    call.speaker = ""
    call.flags.cut = False
    call.note("assistant", " ".join(word.text for word in heard))


def break_in(call: "VoiceCall", msg: str, heard: list[Word]) -> Story:
    """The contact begins to speak over the agent, who falls silent."""
    begin(call)
    yield 0.06
    break_off(call, msg, heard, "user_spoke" if heard[-1].end >= 2 else "early")
    call.speaker = "contact"


def begin(call: "VoiceCall") -> None:
    """A new turn of the contact."""
    call.turn += 1
    call.emit("speech.started", {"turn_id": call.turn, "confidence": round(call.rng.uniform(0.66, 0.95), 2)})
    call.speaker = "contact"


def hear(call: "VoiceCall", text: str) -> Story:
    """The contact says something; unless they broke in they take a moment first."""
    if call.speaker != "contact":
        yield reaction(call.rng)
        if call.flags.muted:
            yield from unheard(call, text)
            return
        begin(call)
    parts = split(call, text)
    for part in parts[:-1]:
        yield from utter(call, part)
        call.emit("eager.turn", {"turn_id": call.turn, "message_id": call.last_heard, "text": part,
                                 "probability": round(call.rng.uniform(0.4, 0.65), 2),
                                 "latency_ms": call.rng.randint(80, 180)}, stream={"confidence": 0})  # fmt: skip
        yield 0.25
        call.emit("turn.continued", {"turn_id": call.turn})
        begin(call)
    yield from utter(call, parts[-1])
    yield from hand_over(call, parts[-1])


def split(call: "VoiceCall", text: str) -> list[str]:
    """Now and then a longer utterance arrives in two pieces, since its speaker paused."""
    words = text.split()
    if len(words) < 7 or call.rng.random() > 0.22:
        return [text]
    at = call.rng.randint(3, len(words) - 3)
    return [" ".join(words[:at]), " ".join(words[at:])]


def utter(call: "VoiceCall", text: str) -> Story:
    """One piece of speech: ever longer interim hearings, then its final text."""
    rng, turn = call.rng, call.turn
    heard = utterance_id(call.ids)
    ids = {} if call.identity.transport == "webrtc" else {"message_id": heard}
    seconds = len(text.split()) / call.rates["contact"]
    call.sound("contact", seconds)
    at, words = 0.15, max(len(text.split()), 1)
    yield at
    for interim in growing(text, rng):
        due = seconds * len(interim.split()) / words
        yield max(due - at, 0.05)
        at = max(due, at + 0.05)
        call.emit("user.speaking", {"turn_id": 0, **ids, "text": interim, "confidence": round(rng.uniform(0.8, 0.95), 2)})
        if rng.random() < 0.06:
            call.emit("turn.pause", {"turn_id": turn, "probability": round(rng.uniform(0.1, 0.4), 2), "latency_ms": rng.randint(60, 140)})
            yield 0.24
            call.emit("turn.resumed", {"turn_id": turn})
    yield max(seconds - at, 0.1)
    final: dict[str, object] = {"message_id": heard, "text": text, "confidence": round(rng.uniform(0.93, 0.99), 2), "lag_ms": 0,
                                "turn_id": turn, "language": call.identity.language}  # fmt: skip
    silent = {"turn_id": turn, "duration_ms": round(seconds * 1000)}
    if rng.random() < 0.25:
        call.emit("user.message", final)
        call.emit("speech.ended", silent)
    else:
        call.emit("speech.ended", silent)
        yield 0.04
        call.emit("user.message", final)
    if call.identity.transport == "webrtc":
        call.emit("user.message", {**final, "lag_ms": rng.randint(60, 240)})
    call.speaker = ""
    call.last_heard = heard
    call.note("user", text)


def hand_over(call: "VoiceCall", text: str) -> Story:
    """The contact's turn ends and the agent begins to think."""
    heard: dict[str, object] = {"message_id": call.last_heard, "text": text, "confidence": 0.98, "language": call.identity.language}
    yield 0.15
    if call.identity.direction == "inbound":
        call.emit("turn.end", {"turn_id": call.turn, "probability": round(call.rng.uniform(0.85, 0.99), 2),
                               "latency_ms": call.rng.randint(110, 260)}, stream=heard)  # fmt: skip
    call.generation += 1
    call.emit("llm.before", {"turn": call.generation})
    if call.rng.random() < 0.02:
        yield 0.15
        call.emit("llm.preparing_timeout", {"turn": call.generation, "waited_ms": 150, "budget_ms": 150})
    yield thinking(call.rng)


def unheard(call: "VoiceCall", text: str) -> Story:
    """What the contact says while muted reaches nobody until the mute ends."""
    call.muted_words.append(text)
    yield len(text.split()) / call.rates["contact"]
    while call.flags.muted:
        yield 0.5
