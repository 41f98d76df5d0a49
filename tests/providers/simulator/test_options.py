"""Which connections a run speaks for, and what it refuses to understand."""

import pytest

from callcenter.providers.simulator.options import OptionsError, Target, chosen, share, targets

BOTH = ("pinecall", "sippet")


def test_the_provider_is_the_beginning_of_the_slug_or_said_outright():
    found = targets("pinecall-demo=a, sippet-demo=b,phones=c", "phones:sippet", BOTH)
    assert found == (Target("pinecall-demo", "a", "pinecall"), Target("sippet-demo", "b", "sippet"), Target("phones", "c", "sippet"))


def test_a_token_may_contain_an_equals_sign_and_lines_divide_too():
    assert targets("pinecall=a=b\nsippet=c", "", BOTH) == (Target("pinecall", "a=b", "pinecall"), Target("sippet", "c", "sippet"))


def test_only_the_wanted_providers_are_played():
    assert [one.slug for one in targets("pinecall=a,sippet=b", "", ("sippet",))] == ["sippet"]


@pytest.mark.parametrize("tokens", ["", "pinecall", "pinecall=", "unknown=a"])
def test_connections_that_make_no_sense_are_refused(tokens):
    with pytest.raises(OptionsError):
        targets(tokens, "", BOTH)


def test_lists_and_shares_are_checked():
    assert chosen("sippet, pinecall", BOTH, "--providers") == BOTH
    with pytest.raises(OptionsError, match="--providers"):
        chosen("pinecal", BOTH, "--providers")
    with pytest.raises(OptionsError, match="--silence"):
        share(1.5, "--silence")
