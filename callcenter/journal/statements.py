"""Plain statements for the rows that ingest writes all the time: the ORM's own cost three times as much."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import DateTimeField, Field, JSONField, Model


class Write:
    """Inserts rows of a model, or updates them where their ``key`` exists already; ``once`` are columns that are only inserted.

    Rows are sequences in the order key, columns, once. Fields are named as in the model; a relation takes an id.
    """

    def __init__(self, model: type[Model], key: tuple[str, ...], columns: tuple[str, ...], once: tuple[str, ...] = ()) -> None:
        self.model, self.key, self.columns, self.once = model, key, columns, once

    def __call__(self, rows: Sequence[Sequence[Any]]) -> None:
        if not rows:
            return
        values = [list(row) for row in rows]
        for place, convert in self.converted:
            for row in values:
                row[place] = convert(row[place])
        with connection.cursor() as cursor:
            cursor.executemany(self.sql, values)

    @cached_property
    def fields(self) -> list[Field[Any, Any]]:
        return [self._field(name) for name in (*self.key, *self.columns, *self.once)]

    @cached_property
    def converted(self) -> list[tuple[int, Callable[[Any], Any]]]:
        """How to turn the values that a driver does not take as they are."""
        database = connections[DEFAULT_DB_ALIAS]
        found: list[tuple[int, Callable[[Any], Any]]] = []
        for place, field in enumerate(self.fields):
            if isinstance(field, DateTimeField) and database.vendor == "sqlite":
                found.append((place, _utc_text))
            elif isinstance(field, JSONField):
                found.append((place, partial(field.get_db_prep_save, connection=database)))
        return found

    def _field(self, name: str) -> Field[Any, Any]:
        field = self.model._meta.get_field(name)
        if not isinstance(field, Field):
            raise TypeError(f"{name} is no column of {self.model.__name__}")
        return field

    @cached_property
    def sql(self) -> str:
        quote = connection.ops.quote_name
        names = [quote(str(field.column)) for field in self.fields]
        sql = f"INSERT INTO {quote(self.model._meta.db_table)} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))})"  # noqa: S608
        if not self.key:
            return sql
        updates = [quote(str(self._field(name).column)) for name in self.columns]
        key = ", ".join(quote(str(self._field(name).column)) for name in self.key)
        return f"{sql} ON CONFLICT ({key}) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in updates)}"


class Update(Write):
    """Changes ``columns`` of rows that are there, by one ``key``. Rows are sequences in the order columns, key."""

    def __init__(self, model: type[Model], key: str, columns: tuple[str, ...]) -> None:
        super().__init__(model, (), (*columns, key))

    @cached_property
    def sql(self) -> str:
        quote = connection.ops.quote_name
        *columns, key = [f"{quote(str(field.column))} = %s" for field in self.fields]
        return f"UPDATE {quote(self.model._meta.db_table)} SET {', '.join(columns)} WHERE {key}"  # noqa: S608


def _utc_text(value: datetime | None) -> str | None:
    """As Django writes times into SQLite, without asking for the zone every time."""
    if value is None:
        return None
    return (value if value.tzinfo is UTC else value.astimezone(UTC)).isoformat(" ").removesuffix("+00:00")


def select(sql: str, *lists: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Rows of a query in which each ``{}`` stands for one list of values; an empty list finds nothing."""
    if not all(lists):
        return []
    places = [f"({', '.join(['%s'] * len(values))})" for values in lists]
    with connection.cursor() as cursor:
        cursor.execute(sql.format(*places), [value for values in lists for value in values])
        return list(cursor.fetchall())


def for_update() -> str:
    """The clause that locks the selected rows; SQLite locks as a whole. Their keys never change, so rows that point at
    them may be written meanwhile: whoever does so waits for nobody when it commits.
    """
    return " FOR NO KEY UPDATE" if connection.features.has_select_for_update else ""
