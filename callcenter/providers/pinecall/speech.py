"""Who speaks and what is said, voice and chat: D9 to D23, D51, D59. The first three come many times a second: they take
keys of either spelling, and name every field because unpacking a dict costs more than the rest together."""

from sys import intern
from typing import Any

from callcenter.domain.events.base import Event
from callcenter.domain.events.speech import (
    AgentAborted,
    AgentConfirmed,
    AgentFinished,
    AgentInterrupted,
    AgentPiece,
    AgentReplied,
    AgentSpeaking,
    AgentWord,
    ContactInterim,
    ContactMessage,
    LevelMeasured,
    ReplyRejected,
    SpeechEnded,
    SpeechStarted,
    Thinking,
    TurnContinued,
    TurnEnded,
)
from callcenter.providers.pinecall.fields import Who
from callcenter.providers.values import count, name, number, position, text

Body = dict[str, Any]
SIDES = {"user": "contact", "contact": "contact", "bot": "agent", "agent": "agent", "assistant": "agent"}
QUIETEST_DB = -60.0


def word(body: Body, who: Who) -> Event | None:
    get = body.get
    message_id, heard = name(get("message_id") or get("messageId")), name(get("word") or get("w"))
    if not message_id or not heard:
        return None
    index = get("word_index")
    return said(who, message_id, heard, position(get("wordIndex") if index is None else index))


def said(who: Who, message_id: str, word: str, index: int | None) -> AgentWord:
    fields = who.fields
    return AgentWord(
        call=who.call,
        agent=who.agent,
        from_number=fields["from_number"],
        to_number=fields["to_number"],
        direction=fields["direction"],
        channel=fields["channel"],
        message_id=message_id,
        word=intern(word),  # a call of an hour says the same few words again and again
        index=index,
    )


def interim(body: Body, who: Who) -> Event:
    get, fields = body.get, who.fields
    return ContactInterim(
        call=who.call,
        agent=who.agent,
        from_number=fields["from_number"],
        to_number=fields["to_number"],
        direction=fields["direction"],
        channel=fields["channel"],
        message_id=name(get("message_id") or get("messageId")),
        text=text(get("text")),
    )


def level(body: Body, who: Who) -> Event | None:
    """``energy_db`` from -60 to 0 on a straight line to 0..1; without it ``rms``."""
    get, fields = body.get, who.fields
    source = get("source")
    side = SIDES.get(source) if type(source) is str else None
    energy = get("energy_db")
    found = height(get("energyDb") if energy is None else energy, get("rms"))
    if side is None or found is None:
        return None
    return LevelMeasured(
        call=who.call,
        agent=who.agent,
        from_number=fields["from_number"],
        to_number=fields["to_number"],
        direction=fields["direction"],
        channel=fields["channel"],
        side=side,
        level=found,
    )


def height(energy: object, rms: object) -> float | None:
    """A level from 0 to 1, None = neither value is one."""
    if type(energy) is float or type(energy) is int:
        if QUIETEST_DB < energy < 0:
            return (energy - QUIETEST_DB) / -QUIETEST_DB
        return 1.0 if energy >= 0 else 0.0
    known = number(rms)
    return None if known is None else min(1.0, known)


def message(body: Body, who: Who) -> Event | None:
    """``final`` is the call log's word (I.3): there, interim text has the same name."""
    message_id, said = name(body.get("message_id")), text(body.get("text"))
    if not said:
        return None
    if body.get("final") is False:
        return ContactInterim(**who.fields, message_id=message_id, text=said)
    turn = position(body.get("turn_id")) or 0
    return ContactMessage(**who.fields, message_id=message_id, text=said, language=name(body.get("language")), turn=turn)


def speech_started(_body: Body, who: Who) -> Event:
    return SpeechStarted(**who.fields)


def speech_ended(_body: Body, who: Who) -> Event:
    return SpeechEnded(**who.fields)


def turn_ended(body: Body, who: Who) -> Event:
    return TurnEnded(**who.fields, latency_ms=count(body.get("latency_ms")))


def turn_continued(_body: Body, who: Who) -> Event:
    return TurnContinued(**who.fields)


def thinking(_body: Body, who: Who) -> Event:
    return Thinking(**who.fields)


def speaking(body: Body, who: Who) -> Event | None:
    """Voice: a line is announced. Chat: the text is the reply, or a piece of it.

    The SDK writes pieces as ``bot.speaking`` with an id; on the wire (``agent_id``) pieces have a name of their own.
    """
    message_id, said = name(body.get("message_id")), text(body.get("text"))
    if who.fields["channel"] == "chat":
        if message_id and not body.get("agent_id"):
            return _piece(who, message_id, said)
        return _reply(who, message_id, said)
    return AgentSpeaking(**who.fields, message_id=message_id, text=said) if message_id or said else None


def replied(body: Body, who: Who) -> Event | None:
    return _reply(who, name(body.get("message_id")), text(body.get("text")))


def chunk(body: Body, who: Who) -> Event | None:
    return _piece(who, name(body.get("message_id")), text(body.get("text")) or text(body.get("token")))


def _reply(who: Who, message_id: str, said: str) -> Event | None:
    return AgentReplied(**who.fields, message_id=message_id, text=said) if said else None


def _piece(who: Who, message_id: str, said: str) -> Event | None:
    return AgentPiece(**who.fields, message_id=message_id, text=said) if said else None


def finished(body: Body, who: Who) -> Event | None:
    message_id = name(body.get("message_id"))
    return AgentFinished(**who.fields, message_id=message_id, text=text(body.get("text"))) if message_id else None


def interrupted(body: Body, who: Who) -> Event | None:
    message_id = name(body.get("message_id"))
    if not message_id:
        return None
    return AgentInterrupted(
        **who.fields,
        message_id=message_id,
        reason=name(body.get("reason")),
        words=position(body.get("words_spoken")),
        played_ms=count(body.get("played_ms")),
    )


def barge_in(body: Body, who: Who) -> Event | None:
    message_id = name(body.get("cancelled_message_id"))
    return AgentInterrupted(**who.fields, message_id=message_id, reason="barge_in") if message_id else None


def confirmed(body: Body, who: Who) -> Event | None:
    message_id, said = name(body.get("message_id")), text(body.get("text"))
    return AgentConfirmed(**who.fields, message_id=message_id, text=said) if message_id and said else None


def aborted(body: Body, who: Who) -> Event | None:
    message_id = name(body.get("message_id"))
    return AgentAborted(**who.fields, message_id=message_id, reason=name(body.get("reason"))) if message_id else None


def reply_rejected(body: Body, who: Who) -> Event | None:
    message_id = name(body.get("message_id"))
    return ReplyRejected(**who.fields, message_id=message_id, reason=name(body.get("reason"))) if message_id else None
