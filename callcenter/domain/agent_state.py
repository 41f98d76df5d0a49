"""The state of one agent: paused as a whole, for contacts, for calls; and whether its calls can be believed."""

from msgspec import Struct, field

from callcenter.domain.events.base import AgentEvent, Stamp
from callcenter.domain.events.console import PauseObserved
from callcenter.domain.events.control import AgentDisplaced, AgentSeen, CallsListed, DialFailedSomewhere, PauseChanged, VoiceLinkChanged

SETTLED_S = 2.0  # frames may overtake each other for this long: contract F.4


class AgentState(Struct):
    """``sets`` maps (level, target) to the newest (stamp, on); a resume without target clears what is older: ``cleared``."""

    sets: dict[tuple[str, str], tuple[Stamp, bool]] = field(default_factory=dict)
    cleared: Stamp | None = None
    elsewhere: dict[str, Stamp] = field(default_factory=dict)
    voice_down: Stamp | None = None
    voice_up: Stamp | None = None


def reduce_agent(state: AgentState, event: AgentEvent, stamp: Stamp) -> AgentState:
    """Fold one event of the agent; idempotent, in any order of marked stamps."""
    match event:
        case PauseChanged(on=False, level="agent"):
            if state.cleared is None or stamp > state.cleared:
                state.cleared = stamp
            state.elsewhere = {call: seen for call, seen in state.elsewhere.items() if seen > state.cleared}
        case PauseChanged(on=on, level=level, target=target):
            held = state.sets.get((level, target))
            if held is None or stamp >= held[0]:
                state.sets[level, target] = (stamp, on)
            if not on and level == "call":
                state.elsewhere.pop(target, None)
        case PauseObserved(paused=True, call=call):
            state.elsewhere[call] = stamp
        case PauseObserved(paused=False, call=call, contact=contact):
            state.elsewhere.pop(call, None)
            for target in (("agent", ""), ("contact", contact), ("call", call)):
                held = state.sets.get(target)
                if held is not None and held[1] and held[0] < stamp:
                    state.sets[target] = (stamp, False)
        case AgentDisplaced() | VoiceLinkChanged(up=False):
            state.voice_down = stamp if state.voice_down is None or stamp > state.voice_down else state.voice_down
        case VoiceLinkChanged(up=True) | AgentSeen():
            state.voice_up = stamp if state.voice_up is None or stamp > state.voice_up else state.voice_up
        case CallsListed() | DialFailedSomewhere():
            pass
    return state


def paused(state: AgentState, level: str, target: str = "") -> bool:
    """Is this level paused? Not whether the agent is silent: any of three levels silences it."""
    held = state.sets.get((level, target))
    return held is not None and held[1] and (state.cleared is None or held[0] > state.cleared)


def targets(state: AgentState, level: str) -> list[str]:
    """The contacts or calls that are paused, sorted."""
    return sorted(target for kind, target in state.sets if kind == level and paused(state, kind, target))


def unverified_since(state: AgentState) -> float | None:
    """Epoch s since when calls of this agent cannot be believed, or None."""
    if state.voice_down is None or (state.voice_up is not None and state.voice_up > state.voice_down):
        return None
    return state.voice_down.received


def contradiction(state: AgentState, *, call: str, contact: str, observed: bool, time: float) -> bool:
    """Does a message's ``paused`` flag at this time (epoch s) tell something we do not know? Contract F.4."""
    known = paused(state, "agent") or paused(state, "contact", contact) or paused(state, "call", call)
    stamps = [held[0].time for target, held in state.sets.items() if target in (("agent", ""), ("contact", contact), ("call", call))]
    if state.cleared is not None:
        stamps.append(state.cleared.time)
    if stamps and time < max(stamps) + SETTLED_S:
        return False
    return observed != (known or call in state.elsewhere)
