"""A call that is deleted is told to open pages, and to programs that follow by revision."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from callcenter.calls.models import Call, Tombstone
from callcenter.calls.tombstones import KEEP, delete_calls, prune_tombstones
from callcenter.journal.models import Entry
from callcenter.journal.revision import current_revision
from callcenter.operators.models import Team
from tests.factories import make_agent, make_call, make_connection

pytestmark = pytest.mark.django_db


def test_a_deleted_call_leaves_a_tombstone_with_the_team_and_the_next_revision(north: Team, south: Team) -> None:
    connection = make_connection(team=north)
    make_call("CA1", make_agent("frontdesk", connection, team=south))
    make_call("CA2", connection=connection)
    make_call("CA3", connection=connection)
    before = current_revision()
    assert delete_calls(Call.objects.exclude(call_uuid="CA3")) == before + 1
    stones = Tombstone.objects.order_by("call_uuid").values_list("call_uuid", "team__name", "revision")
    assert list(stones) == [("CA1", "South", before + 1), ("CA2", "North", before + 1)]
    assert [call.call_uuid for call in Call.objects.all()] == ["CA3"]


def test_deleting_nothing_takes_no_revision(north: Team) -> None:
    before = current_revision()
    assert delete_calls(Call.objects.all()) == 0
    assert current_revision() == before


def test_a_call_that_is_deleted_again_has_one_tombstone_the_newer(north: Team) -> None:
    for _ in range(2):
        make_call("CA1", connection=make_connection(team=north))
        revision = delete_calls(Call.objects.all())
    assert Tombstone.objects.get().revision == revision


def test_rebuilding_buries_what_the_journal_does_not_know(north: Team) -> None:
    make_call("CA-no-entry", connection=make_connection(team=north))
    told = make_call("CA-unread", connection=make_connection(team=north))
    Entry.objects.create(
        scope="call:CA-unread", n=1, key="k", connection=told.connection, event="something.new", received_at=timezone.now(), frame="[]"
    )
    call_command("rebuild_calls")
    assert set(Tombstone.objects.values_list("call_uuid", flat=True)) == {"CA-no-entry", "CA-unread"}
    assert not Call.objects.exists()


def test_old_tombstones_are_pruned_and_young_ones_stay(north: Team) -> None:
    make_call("CA1", connection=make_connection(team=north))
    make_call("CA2", connection=make_connection(team=north))
    delete_calls(Call.objects.all())
    now = timezone.now()
    Tombstone.objects.filter(call_uuid="CA1").update(deleted_at=now - KEEP - timedelta(seconds=1))
    assert prune_tombstones(now) == 1
    assert Tombstone.objects.get().call_uuid == "CA2"
