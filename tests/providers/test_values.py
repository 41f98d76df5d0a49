"""Reading single values: the wrong type is absent."""

from datetime import UTC, datetime

import pytest

from callcenter.providers import values

NOON = datetime(2026, 7, 1, 12, 0, 0, 500_000, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "written", [NOON, int(NOON * 1000), NOON * 1000, "2026-07-01T12:00:00.500Z", "2026-07-01T14:00:00.5+02:00", "2026-07-01T12:00:00.5"]
)
def test_a_time_is_read_as_seconds_milliseconds_or_text(written: object) -> None:
    assert values.epoch(written) == NOON


@pytest.mark.parametrize(
    "nonsense",
    [
        True,
        None,
        0,
        -5,
        42100,
        5e9,
        1e300,
        float("nan"),
        float("inf"),
        "",
        "soon",
        "2000-12-31T23:59:59Z",
        "2101-01-01",
        [],
        {},
        "\ud800" * 9,
    ],
)
def test_what_is_no_believable_time_is_absent(nonsense: object) -> None:
    assert values.epoch(nonsense) is None


def test_a_bool_is_no_number() -> None:
    assert values.number(True) is None
    assert values.count(True) is None
    assert values.position(True) is None
    assert values.sequence(True) is None


def test_a_sequence_must_fit_the_database() -> None:
    assert values.sequence(2**63 - 1) == 2**63 - 1
    assert values.sequence(2**63) is None
    assert values.sequence(-1) is None
    assert values.sequence(7.0) == 7
    assert values.sequence(7.5) is None


def test_an_index_is_whole_and_milliseconds_are_rounded() -> None:
    assert values.position(3.0) == 3
    assert values.position(3.5) is None
    assert values.count(170.6) == 171


def test_nul_and_lone_surrogates_are_taken_out() -> None:
    assert values.clean("a\0b\ud83dc\u00e9\U0001f600") == "abc\u00e9\U0001f600"
    assert values.name("\0") == ""


def test_names_are_cut_to_200_characters() -> None:
    assert values.name("n" * 300) == "n" * 200


def test_texts_are_kept_whole_up_to_one_mebibyte_and_cut_between_characters() -> None:
    assert values.text("x" * 2**20) == "x" * 2**20
    assert values.text("x" * (2**20 + 1)) == "x" * 2**20
    cut = values.text("x" + "\u00e9" * 2**20)
    assert len(cut.encode()) == 2**20 - 1


def test_only_plain_digits_of_a_number_count() -> None:
    assert values.digits("+44 7700 900983") == "447700900983"
    assert values.digits("\u0664\u0664") == ""
    assert values.digits(447700900983) == ""


def test_what_is_stored_has_no_nan_no_huge_integer_and_no_bottomless_nesting() -> None:
    deep: object = "end"
    for _ in range(500):
        deep = [deep]
    stored = values.storable({"n": float("nan"), "big": 10**400, "large": 10**25, "k\0": [deep], "ok": [1, 2.5, True, None]})
    assert stored["n"] is None
    assert stored["big"] is None
    assert stored["large"] == 1e25
    assert stored["ok"] == [1, 2.5, True, None]
    assert "k" in stored


@pytest.mark.parametrize(
    ("key", "snake"), [("callUuid", "call_uuid"), ("callUUID", "call_uuid"), ("call_id", "call_id"), ("step2Go", "step2_go")]
)
def test_keys_become_snake_case(key: str, snake: str) -> None:
    assert values.snake(key) == snake
