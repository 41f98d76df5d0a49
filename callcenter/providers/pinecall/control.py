"""Agents, the connection and the bridge: D27, D28, D56, D57, C.4."""

from typing import Any

from callcenter.domain.events.base import Event
from callcenter.domain.events.control import (
    AgentDisplaced,
    AgentSeen,
    CallsListed,
    HistoryUpdated,
    PauseChanged,
    ProviderFailed,
    SessionConfigured,
    VoiceLinkChanged,
)
from callcenter.providers.pinecall.fields import Who, agent_of, rest
from callcenter.providers.values import ID_CHARS, clean, digits, name, text

Body = dict[str, Any]


def paused(body: Body, who: Who) -> Event | None:
    return _pause(body, who, on=True)


def resumed(body: Body, who: Who) -> Event | None:
    return _pause(body, who, on=False)


def _pause(body: Body, who: Who, *, on: bool) -> Event | None:
    """A target that cannot be read must not become the whole agent."""
    contact = digits(body.get("contact"))
    if who.call:
        level, target = "call", who.call
    elif contact:
        level, target = "contact", contact
    elif any(body.get(key) not in (None, "") for key in ("call_id", "session_id", "contact")):
        return None
    else:
        level, target = "agent", ""
    return PauseChanged(agent=who.agent, on=on, level=level, target=target)


def displaced(body: Body, who: Who) -> Event:
    return AgentDisplaced(agent=who.agent, reason=name(body.get("reason")))


def connected(body: Body, who: Who) -> Event | None:
    """A stream names its agent, ``pc.stream`` its agents; the ``/client`` socket names none."""
    agents = body.get("agents")
    if who.agent:
        return AgentSeen(agent=who.agent)
    if type(agents) is list and len(agents) == 1 and type(agents[0]) is str and agents[0]:
        return AgentSeen(agent=agent_of(agents[0])[0])
    return None


def history_updated(body: Body, who: Who) -> Event:
    return HistoryUpdated(call=who.call, request_id=name(body.get("request_id")))


def session_configured(_body: Body, who: Who) -> Event:
    return SessionConfigured(call=who.call)


def calls_listed(body: Body, who: Who) -> Event | None:
    """Without a list nothing is said about any call."""
    calls = body.get("calls")
    if type(calls) is not list:
        return None
    return CallsListed(agent=who.agent, calls=tuple(dict.fromkeys(call for entry in calls if (call := _listed(entry)))))


def _listed(entry: Any) -> str:
    if type(entry) is dict:
        entry = entry.get("callId") or entry.get("call_id") or entry.get("id")
    call = clean(entry) if type(entry) is str else ""
    return call if len(call) <= ID_CHARS else ""


def voice_link(body: Body, who: Who) -> Event | None:
    up = body.get("up")
    return VoiceLinkChanged(agent=who.agent, up=up, reason=name(body.get("reason"))) if type(up) is bool else None


def failed(body: Body, _who: Who) -> Event:
    """The text is in ``error`` or in ``message``."""
    return ProviderFailed(
        code=name(body.get("code")),
        message=text(body.get("error")) or text(body.get("message")),
        details=rest(body, "code", "error", "message"),
    )
