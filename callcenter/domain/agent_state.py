"""The state of one agent: paused as a whole, for contacts, for calls; and whether its calls can be believed. Contract F.4."""

from msgspec import Struct, field

from callcenter.domain.events.base import AgentEvent, Stamp
from callcenter.domain.events.console import PauseObserved
from callcenter.domain.events.control import AgentDisplaced, AgentSeen, PauseChanged, VoiceLinkChanged

SETTLED_S = 2.0  # frames may overtake each other for this long
DOWNS = 100  # of a voice that is lost again and again, the first and the newest are remembered
CALLS = 1000  # an agent is paused in call after call and resumed in few: the newest are remembered
NEVER = float("-inf")
Target = tuple[str, str]  # (agent | contact | call, "" | digits | call id)


class AgentState(Struct):
    """``sets``: target -> the newest (stamp, on); a resume without target clears what is older: ``cleared``.

    What messages showed against it, in epoch s: ``free``: target -> the agent answered there; ``silent``: call -> (the agent
    did not answer there, the call's contact).
    """

    sets: dict[Target, tuple[Stamp, bool]] = field(default_factory=dict)
    cleared: Stamp | None = None
    free: dict[Target, float] = field(default_factory=dict)
    silent: dict[str, tuple[float, str]] = field(default_factory=dict)
    calls: dict[str, float] = field(default_factory=dict)  # those in the three above -> the time of the newest report, epoch s
    downs: list[Stamp] = field(default_factory=list)  # the voice was lost, after the last time it was there
    voice_up: Stamp | None = None


def reduce_agent(state: AgentState, event: AgentEvent, stamp: Stamp) -> AgentState:
    """Fold one event of the agent; idempotent, in any order of marked stamps."""
    match event:
        case PauseChanged():
            _pause(state, event, stamp)
        case PauseObserved(paused=True):
            state.silent[event.call] = max(state.silent.get(event.call, (NEVER, "")), (event.at, event.contact))
            _remember(state, event.call, event.at)
        case PauseObserved():
            for target in _targets_of(event.call, event.contact):
                state.free[target] = max(state.free.get(target, NEVER), event.at)
            _remember(state, event.call, event.at)
        case AgentDisplaced() | VoiceLinkChanged(up=False):
            _lose_voice(state, stamp)
        case AgentSeen() | VoiceLinkChanged():
            state.voice_up = up = max(state.voice_up or stamp, stamp)
            state.downs = [down for down in state.downs if down > up]
        case _:
            pass  # what the bridge lists and dials that failed concern calls, not the agent
    return state


def _lose_voice(state: AgentState, stamp: Stamp) -> None:
    """All of them count: an older success that comes late may show that only the later ones matter."""
    if stamp not in state.downs and (state.voice_up is None or stamp > state.voice_up):
        state.downs = sorted([*state.downs, stamp])
        del state.downs[1:-DOWNS]


def _pause(state: AgentState, event: PauseChanged, stamp: Stamp) -> None:
    if event.level == "agent" and not event.on:
        state.cleared = max(state.cleared or stamp, stamp)
        return
    target = (event.level, event.target)
    held = state.sets.get(target)
    if held is None or stamp >= held[0]:
        state.sets[target] = (stamp, event.on)
    if event.level == "call":
        _remember(state, event.target, stamp.time)


def _remember(state: AgentState, call: str, time: float) -> None:
    """In any order the same calls are left: those with the newest reports. All of a call is forgotten together, for an old pause
    without the answer that ended it would look like a pause.
    """
    state.calls[call] = max(state.calls.get(call, NEVER), time)
    if len(state.calls) > CALLS:
        oldest = min(state.calls, key=lambda call: (state.calls[call], call))
        del state.calls[oldest]
        state.silent.pop(oldest, None)
        for known in (state.sets, state.free):
            known.pop(("call", oldest), None)


def _targets_of(call: str, contact: str) -> tuple[Target, Target, Target]:
    """The levels that silence the agent in one call."""
    return (("agent", ""), ("contact", contact), ("call", call))


def paused(state: AgentState, level: str, target: str = "") -> bool:
    """Is this level paused? Not whether the agent is silent: any of three levels silences it."""
    held = state.sets.get((level, target))
    if held is None or not held[1] or (state.cleared is not None and held[0] <= state.cleared):
        return False
    return state.free.get((level, target), NEVER) < held[0].time + SETTLED_S


def targets(state: AgentState, level: str) -> list[str]:
    """The contacts or calls that are paused, sorted."""
    return sorted(target for kind, target in state.sets if kind == level and paused(state, kind, target))


def elsewhere(state: AgentState) -> list[str]:
    """Calls in which the agent was seen silent though no level we know of says so, sorted."""
    return sorted(call for call in state.silent if is_elsewhere(state, call))


def is_elsewhere(state: AgentState, call: str) -> bool:
    """Was the agent seen silent in this call, after all that we know of its pauses?"""
    seen, contact = state.silent.get(call, (NEVER, ""))
    free = state.free.get(("call", call), NEVER)
    return seen > free and seen >= _last_change(state, call, contact) + SETTLED_S and not _is_paused(state, call, contact)


def contradiction(state: AgentState, *, call: str, contact: str, observed: bool, time: float) -> bool:
    """Does a message's ``paused`` flag at this time (epoch s) tell something we do not know?"""
    if time < _last_change(state, call, contact) + SETTLED_S:
        return False
    return observed != (_is_paused(state, call, contact) or is_elsewhere(state, call))


def _is_paused(state: AgentState, call: str, contact: str) -> bool:
    return any(paused(state, level, target) for level, target in _targets_of(call, contact))


def _last_change(state: AgentState, call: str, contact: str) -> float:
    """When a level that silences this call was last set or cleared, epoch s."""
    times = [state.sets[target][0].time for target in _targets_of(call, contact) if target in state.sets]
    return max([*times, state.cleared.time if state.cleared is not None else NEVER])


def unverified_since(state: AgentState) -> float | None:
    """Epoch s of the first loss of its voice since it was last there: calls of this agent cannot be believed; else None."""
    return min(state.downs).received if state.downs else None
