"""Any JSON value is read or refused in words; what is stored of a durable frame gives the same event again."""

import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.domain.decoded import Decoded, Unreadable
from callcenter.providers.decode import decode
from callcenter.providers.pinecall.catalogue import CATALOGUE as PINECALL
from callcenter.providers.sippet.catalogue import CATALOGUE as SIPPET
from tests.providers.contract import sample

WORDS = st.text(st.characters(exclude_categories=()), max_size=20)
NUMBERS = st.integers() | st.integers(-(10**30), 10**30) | st.floats() | st.sampled_from([1782900000.5, 1782900000500, 0, 1])
LEAVES = st.none() | st.booleans() | NUMBERS | WORDS
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(WORDS, inner, max_size=5), max_leaves=20)

FIELDS = [
    "call_id", "callId", "session_id", "sessionId", "agent", "agent_id", "agentId", "from", "to", "direction", "transport",
    "contact", "contactPhone", "message_id", "messageId", "msg_id", "tool_calls", "toolCalls", "results", "ephemeral", "text",
    "token", "word", "word_index", "seq", "ts", "data", "frame", "type", "event", "payload", "call", "participant", "item",
    "transcript", "audit_event", "call_uuid", "callUuid", "id", "ops", "messages", "calls", "up", "audio", "reason", "status",
    "recipient", "source", "energy_db", "final",
]  # fmt: skip
KEYS = st.sampled_from(FIELDS)
PROVIDERS = st.sampled_from(["pinecall", "sippet"])
NAMES = st.sampled_from([*PINECALL, *SIPPET]) | WORDS
SAMPLES = [("pinecall", frame) for frame in sample("pinecall-wire") + sample("pinecall-stream")] + [
    ("sippet", frame) for frame in sample("sippet-flat") + sample("sippet-phoenix")
]


def read(provider: str, frame: Any) -> Decoded | None:
    """Decode, or be refused; then look at what would be stored."""
    try:
        decoded = decode(provider, frame)
    except Unreadable:
        return None
    assert len(decoded.name) <= 200
    assert len(decoded.call) <= 200
    if decoded.durable:
        stored = orjson.dumps(decoded.frame)
        assert b"\\u0000" not in stored.replace(b"\\\\", b"")
        again = decode(provider, orjson.loads(stored))
        assert (again.event, again.ts, again.seq, again.call, again.identified) == (
            decoded.event, decoded.ts, decoded.seq, decoded.call, decoded.identified,
        )  # fmt: skip
    return decoded


@given(provider=PROVIDERS, frame=JSON)
@settings(deadline=None)
def test_any_json_value_is_read_or_refused(provider: str, frame: Any) -> None:
    read(provider, frame)


@given(provider=PROVIDERS, name=NAMES, body=st.dictionaries(KEYS, JSON, max_size=8))
@settings(max_examples=300, deadline=None)
def test_any_fields_under_any_name_are_read_or_refused(provider: str, name: str, body: dict[str, Any]) -> None:
    read(provider, {**body, "event": name})
    read(provider, {"type": name, "data": body, "seq": body.get("seq")})


@given(chosen=st.sampled_from(SAMPLES), changes=st.dictionaries(KEYS, JSON, min_size=1, max_size=3), dropped=KEYS)
@settings(max_examples=300, deadline=None)
def test_a_sample_with_fields_broken_or_missing_is_read_or_refused(chosen: Any, changes: dict[str, Any], dropped: str) -> None:
    provider, frame = chosen
    if isinstance(frame, list):
        read(provider, [*frame[:4], {**frame[4], **changes}])
        return
    broken = {**frame, **changes}
    broken.pop(dropped, None)
    read(provider, broken)
    read(provider, {"seq": changes.get("seq"), "ts": changes.get("ts"), "frame": broken})


@pytest.mark.parametrize(("provider", "frame"), SAMPLES, ids=lambda value: value if isinstance(value, str) else "")
def test_what_is_stored_of_a_sample_gives_the_same_event_again(provider: str, frame: Any) -> None:
    assert read(provider, frame) is not None


@pytest.mark.parametrize(
    "frame", [None, 5, "text", [], {}, {"event": 5}, {"event": ""}, {"frame": 5}, {"seq": 1, "frame": {"frame": {"frame": {"frame": {}}}}}]
)
@pytest.mark.parametrize("provider", ["pinecall", "sippet"])
def test_what_is_no_frame_is_refused_in_words(provider: str, frame: Any) -> None:
    with pytest.raises(Unreadable) as refusal:
        decode(provider, frame)
    assert 10 < len(str(refusal.value)) < 120


def test_a_provider_without_decoder_is_refused() -> None:
    with pytest.raises(Unreadable):
        decode("nobody", {"event": "ping"})


def test_decoding_changes_nothing_in_the_frame() -> None:
    for provider, frame in SAMPLES:
        before = json.dumps(frame)
        decode(provider, frame)
        assert json.dumps(frame) == before
