"""Calls as rows that no database holds: enough for everything that is drawn from them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from callcenter.calls.live_state import LiveCall, LiveLine
from callcenter.calls.models import Agent, Call, CallPart, Contact
from callcenter.console.rows import row_view
from callcenter.console.view import RowView
from callcenter.domain.limits import Limits
from callcenter.journal.models import Connection
from callcenter.operators.models import Operator, Team

NOW = datetime(2026, 7, 1, 14, 2, 10, tzinfo=UTC)
TEAM = Team(pk=1, name="North")


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def an_agent(**values: Any) -> Agent:
    return Agent(**{"pk": 1, "slug": "nora", "name": "Nora", "team": TEAM, **values})


def a_contact(**values: Any) -> Contact:
    return Contact(**{"pk": 1, "team": TEAM, "digits": "447700900128", "phone": "+447700900128", **values})


def an_operator(**values: Any) -> Operator:
    return Operator(**{"pk": 5, "username": "oskar", **values})


def a_call(**values: Any) -> Call:
    """Answered, on the telephone, heard just now."""
    given = {
        "pk": 1, "call_uuid": "CA1", "connection": Connection(pk=1, slug="berlin", provider="pinecall", team=TEAM), "agent": an_agent(),
        "status": "answered", "from_number": "+447700900128", "to_number": "+442079460118", "started_at": ago(60), "answered_at": ago(58),
        "heard_at": ago(1), **values,
    }  # fmt: skip
    return Call(**given)


def live(**values: Any) -> LiveCall:
    return LiveCall(**{"epoch": 1, "heard": NOW.timestamp(), **values})


def being_said(text: str, speaker: str = "agent", rest: str = "", key: str = "m1", at: float = 0, heard: float = 0) -> LiveLine:
    """Begun ``at`` seconds before now, its last words heard ``heard`` seconds before now."""
    time = ago(at).timestamp()
    return LiveLine(key, speaker, text, rest, "speaking", time, (time, 0, 1), key, ago(heard).timestamp())


def row(call: Call | None = None, live: LiveCall | None = None, **values: Any) -> RowView:
    """The row of a call, of one with these values if none is given."""
    call = call or a_call(**values)
    return row_view(call, call.agent, live, NOW.timestamp(), Limits())


def part(kind: type[CallPart], call: Call, key: str, at: float, /, **values: Any) -> Any:
    """Something below a call, ``at`` seconds before now."""
    moment = ago(at)
    return kind(key=key, at=moment, sort_time=moment.timestamp(), call=call, **values)  # type: ignore[misc]
