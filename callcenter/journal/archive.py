"""The journal's archive: the entries of one call that is over, compressed into one row. Whoever reads the journal reads both.

An archived entry stays archived: what still comes for its call is a new entry in the journal, with the next number.
"""

import zlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from callcenter.journal.models import Archive, Entry
from callcenter.journal.statements import select

_LAST = (
    "SELECT scope, MAX(n) FROM journal_entry WHERE scope IN {} GROUP BY scope "
    "UNION ALL SELECT scope, last FROM journal_archive WHERE scope IN {}"
)


class Archived(msgspec.Struct, frozen=True, array_like=True):
    """An entry out of the archive: the columns of Entry, and the provider that ``connection`` names."""

    id: int
    scope: str
    n: int
    key: str
    connection_id: int
    connection__provider: str
    event: str
    origin: str
    received_at: datetime
    ts: float | None
    seq: int | None
    frame: str


class DamagedArchive(Exception):
    """The bytes of an archive are not what was written."""


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(list[Archived])


def pack(entries: Sequence[Archived]) -> bytes:
    """Some ten times smaller than the rows, with a check sum over all of it."""
    return zlib.compress(_encoder.encode(entries))


def unpack(archive: Archive) -> list[Archived]:
    """Its entries in order. Raises DamagedArchive."""
    try:
        found = _decoder.decode(zlib.decompress(archive.data))
    except (zlib.error, msgspec.DecodeError) as error:
        raise DamagedArchive(archive.scope) from error
    if len(found) != archive.count:
        raise DamagedArchive(archive.scope)
    return found


def archived_after(known: dict[str, int]) -> Iterator[Archived]:
    """Archived entries of these scopes beyond the numbers known, in order. Each is older than what the journal still has."""
    for archive in Archive.objects.filter(scope__in=_of_calls(known)).order_by("scope"):
        if archive.last > known[archive.scope]:
            yield from (entry for entry in unpack(archive) if entry.n > known[archive.scope])


def archived_keys(scopes: Iterable[str]) -> set[tuple[str, str]]:
    """(scope, key) of all archived entries of these scopes, so that a replay is known as one."""
    found = Archive.objects.filter(scope__in=_of_calls(scopes))
    return {(archive.scope, entry.key) for archive in found for entry in unpack(archive)}


def last_numbers(scopes: Sequence[str]) -> dict[str, int]:
    """The number of the last entry of each of these scopes that has any, archived or not; one query."""
    last: dict[str, int] = {}
    for scope, n in select(_LAST, scopes, scopes):
        last[scope] = max(n, last.get(scope, 0))
    return last


def put_away(scopes: Sequence[str]) -> int:
    """Move all entries of these scopes into the archive; returns how many. Call it in a transaction that holds their calls."""
    read = Entry.objects.filter(scope__in=scopes).order_by("scope", "n")
    fresh: dict[str, list[Archived]] = {}
    ids = []
    for entry in read.values_list(*Archived.__struct_fields__, named=True):
        fresh.setdefault(entry.scope, []).append(Archived(*entry))
        ids.append(entry.id)
    before = {archive.scope: unpack(archive) for archive in Archive.objects.filter(scope__in=list(fresh))}
    made = []
    for scope, entries in fresh.items():
        whole = [*before.get(scope, []), *entries]
        archive = Archive(scope=scope, connection_id=whole[0].connection_id, last=whole[-1].n, count=len(whole), data=pack(whole))
        if unpack(archive) != whole:
            raise DamagedArchive(scope)  # rather here, while the rows are still there
        made.append(archive)
    Archive.objects.bulk_create(made, update_conflicts=True, unique_fields=["scope"], update_fields=["connection", "last", "count", "data"])
    return Entry.objects.filter(pk__in=ids).delete()[0]


def _of_calls(scopes: Iterable[str]) -> list[str]:
    """Only calls end, so only theirs are archived."""
    return [scope for scope in scopes if scope.startswith("call:")]
