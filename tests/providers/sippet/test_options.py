"""Settings are checked in sentences before anything is tried."""

import pytest
from msgspec import structs

from callcenter.providers.sippet.mapping import example_of, input_of
from callcenter.providers.sippet.options import HELP, SippetOptions, SippetSecrets, validate


def test_the_defaults_make_sense():
    assert validate(SippetOptions()) == []


def test_every_setting_has_a_sentence_of_help():
    fields = {*SippetOptions.__struct_fields__, *SippetSecrets.__struct_fields__}
    assert set(HELP) == fields
    assert all(len(words) > 15 and words.endswith(".") for words in HELP.values())


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("base_url", "api.sippet.ai", "must begin with https://"),
        ("base_url", "http://api.sippet.ai", "in the clear"),
        ("base_url", "https://key@api.sippet.ai", "nothing but the host"),
        ("base_url", "https://[", "cannot be read"),
        ("socket_path", "socket", "must begin with /"),
        ("rpc_path", "/rpc?x", "must begin with /"),
        ("token_parameter", "a&b", "plain name"),
        ("topic", "  ", "no name"),
        ("calls_action", "", "nothing can be repaired"),
        ("heartbeat_s", float("nan"), "between 0.05 and 50"),
        ("bootstrap_hours", 1e9, "between"),
        ("reconnect_least_s", 50.0, "longer than"),
        ("answered_words", "answered, ringing", '"ringing" stands in ringing_words and in answered_words'),
        ("end_input", "callUuid", "not of the form name=word"),
        ("end_input", "callUuid=caller", "neither one of"),
        ("end_input", 'callUuid="x"', 'nothing is made of "call"'),
        ("dial_input", "to=to\nto.number=from", "given twice"),
        ("barge_input", "callUuid=call\n9x=operator", "not of the form"),
        ("status_input", 'status=status\nsource="a"b"', "neither one of"),
    ],
)
def test_what_makes_no_sense_is_told(field, value, words):
    found = validate(structs.replace(SippetOptions(), **{field: value}))
    assert any(words in problem for problem in found), found


def test_an_action_the_account_does_not_have_needs_no_input():
    assert validate(SippetOptions(queue_action="", end_action=" ", end_input="nonsense")) == []


def test_lines_make_inputs():
    given = {"callUuid": "c", "sipUserId": ""}
    assert input_of('a=call\n\nb.c=call\nb.d="x y"\n e = operator ', given) == {"a": "c", "b": {"c": "c", "d": "x y"}}
    assert set(example_of("a=call\nb=to\nc=status")) == {"a", "b", "c"}


def test_a_secret_does_not_show():
    assert "sk_" not in repr(SippetSecrets(secret_key="sk_live"))
