"""How many queries each address costs: the same for one row and for many. A change of queries.json is to be argued."""

import json
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from callcenter.operators.models import Operator, Team
from tests import factories
from tests.api.reading import Reader

BASELINES: dict[str, int] = json.loads(Path(__file__).with_name("queries.json").read_text())


def fill(north: Team, start: int, count: int) -> None:
    """So many calls with everything a call may have."""
    line = factories.make_connection(f"line-of-{start}", team=north)
    for number in range(start, start + count):
        agent = factories.make_agent(f"agent-{number}", line)
        contact = factories.make_contact(f"4477009{number:05}", team=north)
        call = factories.make_call(f"CA-{number}", agent, contact=contact, thread=factories.make_thread(agent, contact))
        for _ in range(count):
            factories.make_line(call, "Hello")
            factories.make_tool(call)
            factories.make_audit(call)
            factories.make_note(call, "hold_on")
            factories.make_entry(call)
        factories.make_participant(call)
        factories.make_recording(call)


@pytest.mark.parametrize("path", BASELINES)
def test_the_number_of_queries_does_not_grow_with_the_rows(north: Team, oskar: Operator, path: str):
    reader = Reader(oskar)
    fill(north, 0, 1)
    reader.read(path)  # the token notes its first use
    fill(north, 1, 6)
    with CaptureQueriesContext(connection) as queries:
        reader.read(path)
    assert len(queries) == BASELINES[path], [query["sql"] for query in queries]
