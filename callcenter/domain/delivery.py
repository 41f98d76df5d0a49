"""Which line a WhatsApp delivery report belongs to: by id if there is one, else the oldest line without one. Contract F.5, F.6."""

from collections.abc import Iterable

from msgspec import Struct, field

from callcenter.domain.events.base import Stamp, ThreadEvent
from callcenter.domain.events.console import ThreadHolderChanged
from callcenter.domain.events.whatsapp import WhatsAppDelivered

RANK = {"failed": 0, "sent": 1, "delivered": 2, "read": 3}
WINDOW_S = 24 * 3600.0
OVERTAKE_S = 60.0


class Report(Struct):
    """All reports of one message id. ``first`` is the earliest stamp; ``error`` what the earliest failure said, with its stamp."""

    message_id: str
    first: Stamp
    status: str
    at: dict[str, float] = field(default_factory=dict)
    error: tuple[Stamp, str] | None = None


class ThreadState(Struct):
    """Reports by message id; and who answers the contact: an operator's id, 0 = the agent."""

    reports: dict[str, Report] = field(default_factory=dict)
    holder: int = 0
    fence: int = 0


class Outgoing(Struct, frozen=True):
    """An outgoing line of the thread, of whatever session; a sequence of them is in reading order."""

    line: int  # database id
    message_id: str
    time: float


class Bound(Struct, frozen=True):
    status: str
    inferred: bool
    error: str = ""


def reduce_thread(state: ThreadState, event: ThreadEvent, stamp: Stamp) -> ThreadState:
    """Statuses only go upwards; ``failed`` is beaten by any sign of arrival. The holder with the highest number counts."""
    match event:
        case ThreadHolderChanged() if event.fence > state.fence:
            state.holder, state.fence = event.operator, event.fence
        case WhatsAppDelivered():
            _deliver(state, event, stamp)
        case _:
            pass
    return state


def _deliver(state: ThreadState, event: WhatsAppDelivered, stamp: Stamp) -> None:
    report = state.reports.get(event.message_id)
    if report is None:
        report = state.reports[event.message_id] = Report(event.message_id, stamp, event.status)
    report.first = min(report.first, stamp)
    report.at[event.status] = min(stamp.time, report.at.get(event.status, stamp.time))
    if event.error:
        told = (stamp, event.error)
        report.error = min(report.error, told) if report.error else told
    report.status = _effective(report.at)


def _effective(seen: Iterable[str]) -> str:
    """delivered and read prove arrival; a failure beats a mere ``sent``."""
    best = max(seen, key=lambda status: RANK.get(status, -1))
    return "failed" if best == "sent" and "failed" in seen else best


def _why(report: Report) -> str:
    return report.error[1] if report.error and report.status == "failed" else ""


def run_of(state: ThreadState, since: float) -> tuple[ThreadState, float]:
    """What must be bound again when reports or lines from ``since`` (epoch s) on changed: its reports, and the time of the
    oldest line that they may take without knowing its id. Reports a day apart never want the same line.
    """
    reports = sorted(state.reports.values(), key=lambda report: report.first.time)
    start = next((place for place, report in enumerate(reports) if report.first.time >= since), len(reports))
    if start == len(reports):
        return ThreadState(), since
    while start and reports[start].first.time - reports[start - 1].first.time <= WINDOW_S + OVERTAKE_S:
        start -= 1
    return ThreadState({report.message_id: report for report in reports[start:]}), reports[start].first.time - WINDOW_S


def bind(lines: list[Outgoing], state: ThreadState) -> dict[int, Bound]:
    """Line id -> its delivery. Reports in the order of their first stamp take the oldest unbound line of the last 24 h."""
    by_id = {line.message_id: line for line in lines if line.message_id}
    bound: dict[int, Bound] = {}
    free = [line for line in lines if not line.message_id]
    for report in sorted(state.reports.values(), key=lambda r: (r.first, r.message_id)):
        known = by_id.get(report.message_id)
        if known is not None:
            bound[known.line] = Bound(report.status, False, _why(report))
            continue
        for line in free:
            if report.first.time - WINDOW_S <= line.time <= report.first.time + OVERTAKE_S:
                bound[line.line] = Bound(report.status, True, _why(report))
                free.remove(line)
                break
    return bound
