"""Rule: every row of the contract's table is handled, or ignored with a reason, with the durability of the table."""

from typing import Any

import pytest

from callcenter.providers.pinecall import catalogue as pinecall
from callcenter.providers.pinecall.names import ALIASES, CANONICAL
from callcenter.providers.sippet import catalogue as sippet
from tests.providers.contract import rows

BEYOND_THE_TABLE = (
    "bridge.snapshot", "bridge.transcript", "bridge.history", "bridge.error", "bridge.voice", "llm.thinking", "llm.response", "llm.error", "log.gap",
    "log.caught_up", "call.summary", "tool.call", "tool.result", "turn.start", "authenticated", "config_updated",
    "session_config_updated", "phone_added", "phone_removed", "registered", "line.error", "llm.preparing_timeout",
)  # fmt: skip


def ids(row: dict[str, str]) -> str:
    return row["event_wire"]


@pytest.mark.parametrize("row", rows("pinecall"), ids=ids)
def test_every_pinecall_row_is_handled_or_ignored_with_a_reason(row: dict[str, str]) -> None:
    found = pinecall.find(row["event_wire"])
    assert found is not None
    assert (found.read is None) == bool(found.reason)
    assert found.durable == (row["durability"] == "durable")


@pytest.mark.parametrize("row", [row for row in rows("pinecall") if row["event_sdk_or_stream"] != "-"], ids=ids)
def test_the_stream_name_of_every_pinecall_row_leads_to_the_same_canonical_name(row: dict[str, str]) -> None:
    wire, stream = pinecall.find(row["event_wire"]), pinecall.find(row["event_sdk_or_stream"])
    assert wire is not None
    assert stream is not None
    assert wire.name == stream.name or row["event_wire"] == "call.error"


@pytest.mark.parametrize("row", rows("sippet"), ids=ids)
def test_every_sippet_row_is_handled_or_ignored_with_a_reason(row: dict[str, str]) -> None:
    name, found = sippet.find(row["event_wire"])
    assert name == row["event_wire"]
    assert found is not None
    assert (found.read is None) == bool(found.reason)
    assert found.durable == (row["durability"] == "durable")


@pytest.mark.parametrize("name", BEYOND_THE_TABLE)
def test_names_that_the_contract_tells_beyond_its_table_have_a_row(name: str) -> None:
    assert pinecall.find(name) is not None


@pytest.mark.parametrize("known", [*pinecall.CATALOGUE.values(), *sippet.CATALOGUE.values()])
def test_a_row_is_read_or_gives_its_reason_never_both(known: Any) -> None:
    assert (known.read is None) != (not known.reason)


def test_every_alias_points_at_a_row() -> None:
    assert set(ALIASES.values()) | set(CANONICAL) <= set(pinecall.CATALOGUE)


def test_a_name_of_nobody_is_unknown() -> None:
    assert pinecall.find("qa.flagged") is None
    assert sippet.find("queue_position_changed") == ("queue_position_changed", None)


def test_learning_spellings_has_a_limit() -> None:
    for many in range(3000):
        before, after = "_" * (many % 60), "_" * (many // 60 % 30)
        assert pinecall.find(f"b{before}o{after}t.word") is not None
    assert len(pinecall._known) <= pinecall.LEARNT
