"""Frames that no provider should send and some day will: broken, wrongly typed, unknown or huge."""

from random import Random

from callcenter.providers.simulator.frame import encode

HUGE = 100_000
NASTY = "<script>alert(1)</script>\u202e\u200b\u0000\ud7ff\U0001f9b7 <b>& \u05e9\u05dc\u05d5\u05dd"


def wrong_frame(rng: Random, call_id: str) -> bytes:
    """Valid JSON that is not a readable frame, or readable and surprising."""
    pick = rng.randrange(14)
    junk: object = (
        7, "just a text", None, [], [1, 2, 3],
        {"event": 12, "callId": call_id},
        {"callId": call_id, "text": "no event"},
        {"event": "user.message", "callId": {"id": call_id}, "text": ["a", "b"], "agent": 3},
        {"event": "bot.word", "callId": call_id, "word": 5, "wordIndex": "first", "messageId": "msg_000000000000"},
        {"event": "qa.flagged", "callId": call_id, "rule": "closing-time", "level": rng.randint(1, 5)},
        {"event": "queue_position_changed", "callUuid": call_id, "position": rng.randint(1, 9)},
        {"event": "user.speaking", "callId": call_id, "text": "la " * (HUGE // 3), "confidence": "high"},
        {"event": "x" * 5000, "callId": call_id, "data": {"data": {"data": NASTY}}},
        {"event": "audio.metrics", "callId": call_id, "source": NASTY, "energyDb": "loud"},
    )[pick]  # fmt: skip
    return encode(junk)


def broken_text(rng: Random) -> str:
    """A text message that is not JSON at all."""
    return rng.choice(
        (
            '{"event":"call.started","callId":"CA12',
            "event: bot.word",
            "",
            "[" * 600,
            '{"event":"user.message","text":"\\ud800"}',
            '{"stream":"x","id":"not a number","frames":[]}',
            '{"event":"call.ended","duration":NaN}',
        )
    )
