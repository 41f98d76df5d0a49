"""The live part of a call's state, as screens need it."""

from msgspec.structs import replace

from callcenter.calls.folding import KeptCall
from callcenter.calls.live_state import LiveCall, LiveLine
from callcenter.domain.lines import live_text, order_of
from callcenter.domain.state import CallState


def refresh_live(kept: KeptCall, *, only_levels: bool) -> LiveCall:
    """The same, kept for the next time: levels come twenty times a second, and change nothing else."""
    state = kept.state
    if only_levels and kept.live is not None:
        kept.live = replace(kept.live, heard=state.heard_live, levels=(state.levels[0], state.levels[1]))
    else:
        kept.live = live_call(state)
    return kept.live


def live_call(state: CallState) -> LiveCall:
    """What is being said in this call now, and how loud. The epoch is the number of entries folded: it only rises."""
    lines = _lines(state)
    if state.interim is not None and _is_news(state):
        at = state.interim.stamp.time
        lines.append(LiveLine("interim", "contact", state.interim.text, "", "interim", at, (at, state.interim.stamp.seq, 2**40)))
    return LiveCall(
        epoch=state.n,
        heard=state.heard_live,
        activity=state.activity,
        levels=(state.levels[0], state.levels[1]),
        idle_s=state.idle_s,
        lines=tuple(lines),
    )


def _lines(state: CallState) -> list[LiveLine]:
    """A line that is in the journal keeps its place there."""
    found = []
    for key, saying in state.saying.items():
        text = live_text(state, saying)
        if text is not None:
            time, seq, n, _ = order_of(state, state.lines.get(key, saying))
            place = (time, seq, n)
            found.append(LiveLine(key, saying.speaker, text.text, text.rest, text.state, time, place, saying.message_id, saying.touched))
    return found


def _is_news(state: CallState) -> bool:
    """Interim speech lasts until the final text of its utterance is there."""
    interim = state.interim
    assert interim is not None
    final = state.lines.get(interim.message_id) if interim.message_id else None
    if final is not None:
        return final.text is None
    spoken = [line for line in state.lines.values() if line.speaker == "contact" and line.text is not None]
    if not spoken:
        return True
    last = max(spoken, key=lambda line: order_of(state, line))
    return interim.stamp.time > order_of(state, last)[0] and interim.stamp.received >= last.arrived
