"""What a migration does to rows that are there, and to processes that do not know of it yet."""

from datetime import UTC, datetime
from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection as database

from callcenter.journal.models import Connection
from tests.factories import make_connection

pytestmark = pytest.mark.django_db


def test_connections_heard_before_anybody_noted_who_takes_commands_are_not_said_to_only_listen():
    heard, new = make_connection(heard_at=datetime(2026, 7, 1, tzinfo=UTC)), make_connection()
    assert heard.posts_only
    import_module("callcenter.journal.migrations.0003_took_commands").believe_those_heard(apps, None)
    assert not Connection.objects.get(pk=heard.pk).posts_only
    assert not Connection.objects.get(pk=new.pk).took_commands


def test_a_process_that_does_not_know_who_took_commands_still_adds_connections():
    make_connection("harbour")
    known = [field.attname for field in Connection._meta.concrete_fields if field.attname not in ("id", "took_commands")]
    own = {"slug": "'quay'", "token_digest": "'another'"}
    with database.cursor() as cursor:
        values = ", ".join(own.get(column, column) for column in known)
        cursor.execute(f"INSERT INTO journal_connection ({', '.join(known)}) SELECT {values} FROM journal_connection")  # noqa: S608
    assert not Connection.objects.get(slug="quay").took_commands
