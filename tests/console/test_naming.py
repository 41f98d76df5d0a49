"""How people, numbers, agents and elements are called."""

from typing import Any

import pytest

from callcenter.console.dom import dom_id
from callcenter.console.naming import agent_name, contact_name, number, pretty_number, speaker_name
from tests.console.calls import a_call, a_contact, an_agent


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("+447700900128", "+44 7700 900128"), ("+14045550119", "+1 404-555-0119"), ("webrtc", ""), ("chat", ""), ("", ""),
        ("447700900128", "447700900128"), ("anonymous", "anonymous"), ("sip:lena@example.org", "sip:lena@example.org"), ("+", "+"),
        ("+99999999999999999999", "+99999999999999999999"), ("+<script>", "+<script>"),
    ],
)  # fmt: skip
def test_a_number_is_written_as_people_write_it_and_anything_else_stays(raw: str, shown: str):
    assert pretty_number(raw) == shown


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({}, "+44 7700 900128"),
        ({"direction": "outbound"}, "+44 20 7946 0118"),
        ({"channel": "whatsapp", "from_number": "447700900983"}, "+44 7700 900983"),
        ({"channel": "whatsapp", "from_number": "447700900983", "direction": "outbound"}, "+44 7700 900983"),
        ({"channel": "webrtc", "from_number": "webrtc"}, ""),
    ],
)
def test_the_number_is_the_contacts(values: dict[str, Any], shown: str):
    assert number(a_call(**values)) == shown


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"contact_name": "Lena", "contact": a_contact(name="L. Hoffmann")}, "Lena"),
        ({"contact": a_contact(name="L. Hoffmann")}, "L. Hoffmann"),
        ({"contact": a_contact()}, "+44 7700 900128"),
        ({"channel": "chat", "from_number": "chat"}, "Web visitor"),
        ({"channel": "webrtc", "from_number": ""}, "Web visitor"),
        ({"from_number": ""}, "Unknown number"),
    ],
)
def test_a_contact_has_a_name_a_number_or_at_least_a_word(values: dict[str, Any], shown: str):
    assert contact_name(a_call(**values)) == shown


def test_an_agent_that_nobody_named_has_a_number_that_can_be_said_aloud():
    assert agent_name(an_agent(pk=3, name="7b0c5f12-0000-4000-8000-000000000001")) == "Agent 3"
    assert agent_name(an_agent(name="Front desk")) == "Front desk"
    assert agent_name(an_agent(name="line:+442079460140")) == "Line +44 20 7946 0140"
    assert agent_name(None) == "Agent"


@pytest.mark.parametrize(
    ("speaker", "values", "shown"),
    [
        ("contact", {}, "Caller"),
        ("contact", {"direction": "outbound"}, "Contact"),
        ("contact", {"channel": "whatsapp"}, "Contact"),
        ("agent", {}, "Nora"),
        ("agent", {"agent": None}, "Agent"),
        ("operator", {}, "Operator"),
        ("system", {}, ""),
    ],
)
def test_who_said_it(speaker: str, values: dict[str, Any], shown: str):
    assert speaker_name(a_call(**values), speaker) == shown


def test_a_dom_id_is_safe_in_a_selector_and_tells_ids_apart():
    assert dom_id("row", "CA-1_x") == "row-CA-1_x"
    strange = [dom_id("row", uuid) for uuid in ("a b", "a.b", "a#b", 'a"b', "", "ä", "x" * 200, "a/b")]
    assert len(set(strange)) == len(strange)
    assert all(name.replace("-", "").isalnum() and len(name) < 100 for name in strange)
