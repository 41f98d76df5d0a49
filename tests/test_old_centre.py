"""The old centre of the benchmarks is one that the product knows: its rows are those of this version."""

import pytest

from bench.old import ENTRIES, LINES, grow
from callcenter.calls.models import Agent, Call, Contact, TranscriptEntry
from callcenter.journal.connections import add_connection
from callcenter.journal.models import Entry
from callcenter.operators.models import Team


@pytest.mark.django_db(transaction=True)
def test_an_old_centre_grows_by_calls_with_lines_and_entries(north: Team) -> None:
    line, _ = add_connection("load", "pinecall", north)
    agent = Agent.objects.create(connection=line, slug="old", name="Old", team=north)
    contact = Contact.objects.create(team=north, digits="447700900128", phone="+447700900128")
    grow(3 * ENTRIES, "0" * 24, line.pk, agent.pk, contact.pk)
    assert (Call.objects.count(), TranscriptEntry.objects.count(), Entry.objects.count()) == (3, 3 * LINES, 3 * ENTRIES)
    assert set(Call.objects.values_list("status", "archived", "desk_revision")) == {("completed", False, 0)}
