"""A token opens the API for one active operator until it is revoked, and is stored only as a digest."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from callcenter.operators import tokens
from callcenter.operators.models import ApiToken, Operator


def test_a_token_finds_its_operator(oskar: Operator, ines: Operator):
    _, plaintext = tokens.issue(oskar, "laptop")
    tokens.issue(ines, "laptop")
    assert tokens.find(plaintext) == oskar


def test_the_text_is_nowhere_in_the_row(oskar: Operator):
    token, plaintext = tokens.issue(oskar, "laptop")
    row = ApiToken.objects.filter(pk=token.pk).values().get()
    assert plaintext not in str(row)
    assert row["prefix"] == plaintext[:8]
    assert row["digest"] == tokens.digest(plaintext)


@pytest.mark.parametrize("text", ["", "op_", "op_unknown", "\x00", "op_" + "x" * 10_000])
def test_any_other_text_finds_nobody(oskar: Operator, text: str):
    tokens.issue(oskar, "laptop")
    assert tokens.find(text) is None


def test_a_digest_is_not_a_token(oskar: Operator):
    token, _ = tokens.issue(oskar, "laptop")
    assert tokens.find(token.digest) is None


def test_a_revoked_token_finds_nobody_and_keeps_its_first_date(oskar: Operator):
    token, plaintext = tokens.issue(oskar, "laptop")
    tokens.revoke(token)
    first = ApiToken.objects.get().revoked_at
    tokens.revoke(token)
    assert tokens.find(plaintext) is None
    assert ApiToken.objects.get().revoked_at == first


def test_the_token_of_someone_inactive_finds_nobody(oskar: Operator):
    _, plaintext = tokens.issue(oskar, "laptop")
    Operator.objects.update(is_active=False)
    assert tokens.find(plaintext) is None


def test_use_is_noted_once_a_minute(oskar: Operator, django_assert_num_queries: DjangoAssertNumQueries):
    _, plaintext = tokens.issue(oskar, "laptop")
    with django_assert_num_queries(2):
        tokens.find(plaintext)
    with django_assert_num_queries(1):
        tokens.find(plaintext)
    earlier = timezone.now() - timedelta(minutes=2)
    ApiToken.objects.update(last_used_at=earlier)
    tokens.find(plaintext)
    assert ApiToken.objects.filter(last_used_at__gt=earlier).exists()
