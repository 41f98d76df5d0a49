"""A thread of the north whose contact wrote a minute ago."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.console.whatsapp.clock import NOW

if TYPE_CHECKING:
    from callcenter.calls.models import Thread
    from callcenter.operators.models import Team


@pytest.fixture
def thread(north: "Team") -> "Thread":
    """Its agent is listened to: an open socket takes commands."""
    from callcenter.calls.models import Thread
    from callcenter.commands.models import OpenSocket
    from callcenter.console.whatsapp import presence
    from tests import factories

    presence.presence.cache_clear()
    at = NOW - timedelta(minutes=1)
    line = factories.make_connection(team=north)
    agent = factories.make_agent(connection=line)
    contact = factories.make_contact(name="Noor Haddad", team=north)
    made = factories.make_thread(agent, contact, last_inbound_at=at, last_at=at)
    values: dict[str, Any] = {"contact": contact, "thread": made, "channel": "whatsapp", "from_number": contact.digits}
    call = factories.make_call("wa-1", agent, started_at=at - timedelta(minutes=1), **values)
    factories.make_line(call, "Can I still book?", at=0, sort_time=at.timestamp())
    OpenSocket.objects.create(connection=line, agents=["frontdesk"], opened_at=NOW, seen_at=NOW + timedelta(days=1))
    return Thread.objects.for_rows().get(pk=made.pk)
