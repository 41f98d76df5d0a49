"""Frames of a small phone call, as short as the decoders allow."""

from typing import Any

CALL = "CA00000000000000000000000000000001"
START = 1782900000.0
Frame = dict[str, Any]


def frame(event: str, at: float | None = None, call: str = CALL, **fields: Any) -> Frame:
    """A Pinecall wire frame; ``at`` seconds after START, with a sequence, or unmarked."""
    marks = {} if at is None else {"ts": START + at, "seq": 1 + round(at * 1000)}
    return {"event": event, "agent_id": "frontdesk", **({"call_id": call} if call else {}), **fields, **marks}


def started(at: float | None = 0, call: str = CALL, **fields: Any) -> Frame:
    ends = {"from": "+447700900128", "to": "+442079460118", "direction": "inbound", "transport": "phone"}
    return frame("call.started", at, call, **{**ends, **fields})


def said(at: float | None, text: str, message_id: str = "", call: str = CALL) -> Frame:
    return frame("user.message", at, call, text=text, **({"message_id": message_id} if message_id else {}))


def speaking(at: float | None, message_id: str, text: str, call: str = CALL) -> Frame:
    return frame("bot.speaking", at, call, message_id=message_id, text=text)


def word(at: float | None, message_id: str, index: int, text: str, call: str = CALL) -> Frame:
    return frame("bot.word", at, call, message_id=message_id, word_index=index, word=text)


def finished(at: float | None, message_id: str, call: str = CALL) -> Frame:
    return frame("bot.finished", at, call, message_id=message_id, duration_ms=900)


def level(at: float | None = None, call: str = CALL) -> Frame:
    return frame("audio.metrics", at, call, source="user", energy_db=-30.0)


def ended(at: float | None, call: str = CALL, **fields: Any) -> Frame:
    return frame("call.ended", at, call, **{"reason": "hangup", **fields})


def spoken(at: float, message_id: str, *words: str, call: str = CALL) -> list[Frame]:
    """A whole agent's line: announced, word by word, finished."""
    heard = [word(at + 0.1 + index / 10, message_id, index, text, call) for index, text in enumerate(words)]
    return [speaking(at, message_id, " ".join(words), call), *heard, finished(at + 0.2 + len(words) / 10, message_id, call)]
