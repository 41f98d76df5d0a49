"""Agents, connections and the bridge beside the agent."""

from typing import Any

from callcenter.domain.events.base import AgentEvent, ConnectionEvent


class PauseChanged(AgentEvent, frozen=True, kw_only=True):
    """The model was silenced or may answer again. ``level``: agent | contact | call; ``target``: "" | digits | call id."""

    on: bool
    level: str
    target: str = ""


class AgentDisplaced(AgentEvent, frozen=True, kw_only=True):
    """Another client took the agent over: its calls are unverified."""

    reason: str = ""


class VoiceLinkChanged(AgentEvent, frozen=True, kw_only=True):
    """The bridge tells that its voice socket went up or down."""

    up: bool
    reason: str = ""


class CallsListed(AgentEvent, frozen=True, kw_only=True):
    """The bridge lists the calls it knows after a connection: voice and chat calls absent from it are over."""

    calls: tuple[str, ...]


class AgentSeen(AgentEvent, frozen=True, kw_only=True):
    """Ephemeral: the agent announced itself on this connection."""


class HistoryUpdated(ConnectionEvent, frozen=True, kw_only=True):
    """Ephemeral: what the model remembers was changed. ``call`` and ``request_id`` are "" where the frame does not say."""

    call: str = ""
    request_id: str = ""


class SessionConfigured(ConnectionEvent, frozen=True, kw_only=True):
    """Ephemeral: a running call goes on in another way. What was changed, the frame does not say."""

    call: str = ""


class DialFailedSomewhere(AgentEvent, frozen=True, kw_only=True):
    """An outbound call of this agent failed, the frame does not say which: see contract C.3."""

    error: str = ""
    code: str = ""


class ProviderFailed(ConnectionEvent, frozen=True, kw_only=True):
    """The provider or the bridge reports an error in its own words."""

    code: str = ""
    message: str = ""
    details: dict[str, Any]
