"""The conversation list: who stands first, what is unread, who waits, and what a filter leaves."""

from datetime import UTC, datetime, timedelta

import pytest

from callcenter.calls.models import Agent, Thread, TranscriptEntry
from callcenter.console.floor import audience_of
from callcenter.console.models import ReadMark
from callcenter.console.whatsapp.filters import ThreadFilters, read_thread_filters
from callcenter.console.whatsapp.list import WINDOW, load_list
from callcenter.console.whatsapp.values import ThreadList
from callcenter.operators.models import Operator, Team
from tests import factories
from tests.console.whatsapp.clock import NOW


def thread(agent: Agent, name: str, minutes: float, *lines: tuple[str, str], **changes: object) -> Thread:
    """A thread whose last line is so many minutes old; ``lines``: (speaker, text), oldest first, a second apart."""
    digits = f"4477009{abs(hash(name)) % 100_000:05}"
    contact, at = factories.make_contact(digits, name, agent.team), NOW - timedelta(minutes=minutes)
    made = factories.make_thread(agent, contact, last_at=at, **{"last_inbound_at": at, **changes})
    call = factories.make_call(agent=agent, contact=contact, thread=made, channel="whatsapp")
    for place, (speaker, text) in enumerate(lines):
        factories.make_line(call, text, speaker, sort_time=at.timestamp() - len(lines) + 1 + place)
    return made


@pytest.fixture
def agent(north: Team) -> Agent:
    return factories.make_agent(connection=factories.make_connection(team=north))


def shown(reader: Operator, now: datetime = NOW, current: int = 0, **filters: str) -> ThreadList:
    return load_list(reader, audience_of(reader), ThreadFilters(**filters), now, current)


def names(found: ThreadList) -> list[str]:
    return [row.contact for row in found.rows]


def read(made: Thread, reader: Operator) -> None:
    ReadMark.move(reader, made, NOW.timestamp() + 1, NOW)


def test_who_waits_stands_first_then_the_unread_then_the_newest(agent: Agent, oskar: Operator):
    for name, minutes in (("Read lately", 1), ("Read long ago", 90)):
        read(thread(agent, name, minutes, ("contact", "Hello")), oskar)
    for name, minutes in (("Unread lately", 2), ("Unread long ago", 60)):
        thread(agent, name, minutes, ("contact", "Hello"))
    for name, minutes in (("Waits", 30), ("Waits longest", 95)):
        read(thread(agent, name, minutes, ("contact", "Hello"), holder=oskar), oskar)
    thread(agent, "Without lines", 120)
    found = shown(oskar)
    assert names(found) == [
        "Waits longest", "Waits", "Unread lately", "Unread long ago", "Read lately", "Read long ago", "Without lines",
    ]  # fmt: skip
    assert [(choice.label, choice.count) for choice in found.choices] == [("Waiting", 2), ("Mine", 2), ("All", 7)]


def test_a_paused_contact_who_waits_is_not_buried_below_those_whom_the_agent_answered(agent: Agent, oskar: Operator):
    waiting = thread(agent, "Waiting", 11, ("contact", "Hello"))
    Agent.objects.update(paused_contacts={waiting.digits: {}})
    for name in ("Cheers", "Genial"):
        thread(agent, name, 1, ("contact", "One"), ("agent", "Answer"), ("contact", name))
    assert names(shown(oskar))[0] == "Waiting"


def test_who_asks_again_waits_since_the_first_line_that_nobody_answered(agent: Agent, oskar: Operator):
    lines = (("contact", "Hello"), ("agent", "Yes?"), ("contact", "A person, please"), *[("contact", "Anybody?")] * 600)
    thread(agent, "Asks again", 1, *lines, holder=oskar)
    thread(agent, "Asked once", 5, ("contact", "Hello"), holder=oskar)
    found = shown(oskar)
    assert names(found) == ["Asks again", "Asked once"]
    assert found.rows[0].waiting_ms == round((NOW - timedelta(minutes=1, seconds=600)).timestamp() * 1000)


def test_the_open_conversation_does_not_jump_away_while_it_is_read(agent: Agent, oskar: Operator):
    opened = thread(agent, "Opened", 60, ("contact", "Hello"))
    read(thread(agent, "Read", 1, ("contact", "Hello")), oskar)
    assert names(shown(oskar)) == ["Opened", "Read"]
    read(opened, oskar)
    assert names(shown(oskar, current=opened.pk)) == ["Opened", "Read"]
    assert names(shown(oskar)) == ["Read", "Opened"]


def test_unread_are_the_contacts_lines_after_the_readers_own_mark(agent: Agent, oskar: Operator, supervisor: Operator):
    made = thread(agent, "Noor", 5, ("contact", "One"), ("contact", "Two"), ("contact", "Three"))
    assert [shown(oskar).rows[0].unread, shown(supervisor).rows[0].unread] == [3, 3]
    ReadMark.move(oskar, made, (NOW - timedelta(minutes=5)).timestamp() - 1, NOW)
    assert [shown(oskar).rows[0].unread, shown(supervisor).rows[0].unread] == [1, 3]


@pytest.mark.parametrize("who", ["agent", "operator"])
def test_what_was_answered_is_not_unread(agent: Agent, oskar: Operator, who: str):
    answered = [("contact", "One"), (who, "Answer"), ("contact", "Two"), (who, "Answer")]
    thread(agent, "Answered", 4, *answered)
    thread(agent, "Cheers", 5, *answered, ("contact", "Cheers"))
    thread(agent, "Two more", 6, *answered, ("contact", "And"), ("system", "Delivered"), ("contact", "When?"))
    assert {row.contact: row.unread for row in shown(oskar).rows} == {"Answered": 0, "Cheers": 1, "Two more": 2}


def test_an_answer_of_an_earlier_session_counts_and_one_at_the_same_moment_hides_nothing_after_it(agent: Agent, oskar: Operator):
    made = thread(agent, "Noor", 5, ("contact", "One"), ("agent", "Answer"))
    at = TranscriptEntry.objects.get(speaker="agent").sort_time
    later = factories.make_call(agent=agent, contact=made.contact, thread=made, channel="whatsapp")
    factories.make_line(later, "Cheers", "contact", sort_time=at, sort_seq=1)
    assert shown(oskar).rows[0].unread == 1


@pytest.mark.parametrize("trouble", [{"delivery": "failed"}, {"state": "rejected"}, {"state": "aborted"}])
def test_what_the_agent_wrote_and_nobody_got_is_no_answer(agent: Agent, oskar: Operator, trouble: dict[str, str]):
    thread(agent, "Noor", 5, ("contact", "One"), ("agent", "Answer"))
    TranscriptEntry.objects.filter(speaker="agent").update(**trouble)
    assert shown(oskar).rows[0].unread == 1


@pytest.mark.parametrize(
    ("last", "held", "paused", "waits"),
    [("contact", True, False, True), ("contact", False, True, True), ("contact", False, False, False), ("agent", True, True, False)],
)
def test_a_contact_waits_when_nobody_but_a_person_may_answer(
    agent: Agent, oskar: Operator, last: str, held: bool, paused: bool, waits: bool
):
    thread(agent, "Noor", 5, ("contact", "One"), (last, "Last"), holder=oskar if held else None)
    Agent.objects.update(paused=paused)
    assert (shown(oskar).rows[0].waiting_ms is not None) is waits
    assert names(shown(oskar, show="waiting")) == (["Noor"] if waits else [])


@pytest.mark.parametrize(("hours", "window"), [(1, "open"), (23, "soon"), (25, "closed"), (None, "never")])
def test_the_window_is_told_and_the_next_change_of_it(agent: Agent, oskar: Operator, hours: float | None, window: str):
    inbound = NOW - timedelta(hours=hours) if hours else None
    thread(agent, "Noor", 5, ("contact", "One"), last_inbound_at=inbound)
    found = shown(oskar)
    assert found.rows[0].window == window
    later = datetime.fromtimestamp(found.next_at, UTC)
    assert later > NOW
    if window in ("open", "soon"):
        assert later <= NOW + timedelta(hours=24)


def test_a_filter_finds_names_numbers_and_words_of_any_session(agent: Agent, oskar: Operator, supervisor: Operator):
    noor = thread(agent, "Noor", 5, ("contact", "About the crown"), ("agent", "Yes"))
    thread(agent, "Omar", 6, ("contact", "Parking?"), holder=supervisor)
    assert names(shown(oskar, q="noor")) == names(shown(oskar, q="CROWN")) == names(shown(oskar, q=noor.digits[-6:])) == ["Noor"]
    assert names(shown(oskar, q="nobody")) == names(shown(oskar, show="mine")) == []
    assert names(shown(supervisor, show="mine")) == ["Omar"]
    assert {row.contact: row.holder for row in shown(oskar).rows} == {"Noor": "", "Omar": "sofia"}


@pytest.mark.parametrize("values", [{"show": "else"}, {"show": 3, "q": None}, {"q": ["x"]}, {}])
def test_what_no_filter_knows_is_as_good_as_absent(values: dict[str, object]):
    assert read_thread_filters(values) == ThreadFilters()


def test_other_teams_are_not_listed_and_a_long_list_ends(agent: Agent, oskar: Operator, ines: Operator):
    contacts = [factories.make_contact(f"44770{n:07}", team=agent.team) for n in range(WINDOW + 2)]
    Thread.objects.bulk_create(Thread(agent=agent, contact=contact, digits=contact.digits) for contact in contacts)
    found = shown(oskar)
    assert (len(found.rows), found.hidden > 0) == (WINDOW, True)
    assert shown(ines).rows == ()
