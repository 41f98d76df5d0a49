"""What the read API tells, in the form in which design §4 calls two answers equal."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.e2e.outside import Api, Json

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ARRIVED = "on arrival"


def told(api: Api) -> Json:
    """Every call with all its lists, agents and threads; revisions left out, times stamped on arrival only called so."""
    today = datetime.now(UTC) - timedelta(hours=1)
    calls = {call["call_uuid"]: api.call(call["call_uuid"]) for call in api.calls()}
    threads = {thread["id"]: thread for thread in api.pages("threads/")}
    agents = {agent["slug"]: agent for agent in api.pages("agents/")}
    return {name: _plain(value, today) for name, value in (("calls", calls), ("threads", threads), ("agents", agents))}


def revisions(api: Api) -> dict[str, int]:
    return {call["call_uuid"]: call["revision"] for call in api.calls()}


def _plain(value: Any, today: datetime) -> Any:
    if isinstance(value, dict):
        return {name: _plain(item, today) for name, item in value.items() if name != "revision"}
    if isinstance(value, list):
        return [_plain(item, today) for item in value]
    if isinstance(value, str) and TIME.fullmatch(value) and datetime.fromisoformat(value) >= today:
        return ARRIVED
    return value


def words(call: Json) -> list[tuple[str, str, str]]:
    """The transcript as (speaker, text, state)."""
    return [(line["speaker"], line["text"], line["state"]) for line in call["transcript"]]
