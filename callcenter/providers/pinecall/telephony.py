"""Hold, mute and tones: D29 to D33, D46."""

from typing import Any

from callcenter.domain.events.base import Event
from callcenter.domain.events.telephony import DtmfReceived, DtmfSent, HoldChanged, MuteChanged
from callcenter.providers.pinecall.fields import Who
from callcenter.providers.values import name, text

Body = dict[str, Any]


def held(_body: Body, who: Who) -> Event:
    return HoldChanged(**who.fields, on=True)


def unheld(_body: Body, who: Who) -> Event:
    return HoldChanged(**who.fields, on=False)


def muted(_body: Body, who: Who) -> Event:
    return MuteChanged(**who.fields, on=True)


def unmuted(body: Body, who: Who) -> Event:
    return MuteChanged(**who.fields, on=False, transcript=text(body.get("muted_transcript")))


def dtmf_sent(body: Body, who: Who) -> Event | None:
    tones = name(body.get("digits"))
    return DtmfSent(**who.fields, digits=tones) if tones else None


def dtmf_received(body: Body, who: Who) -> Event | None:
    """``digit`` is this press, ``digits`` all so far: either may be missing."""
    so_far = name(body.get("digits"))
    digit = name(body.get("digit")) or so_far[-1:]
    return DtmfReceived(**who.fields, digit=digit, digits=so_far) if digit else None
