"""Put the journal of calls that are over for long into its archive."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import datetime, time, timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.dateparse import parse_date

from callcenter.calls.archiving import archive_before

DAYS = 30


def midnight(text: str) -> datetime:
    """The beginning of a day, local time. Raises ArgumentTypeError."""
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise ArgumentTypeError(f"{text!r} is no date like 2026-01-31")
    return timezone.make_aware(datetime.combine(day, time.min))


class Command(BaseCommand):
    help = (
        "Compresses the journal of calls that are over, one row a call, in small transactions. May run beside a live server, "
        "every night; may be stopped at any time, and goes on where it was."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        when = parser.add_mutually_exclusive_group()
        when.add_argument("--days", type=int, default=DAYS, help="calls of which nothing came for so long (default: %(default)s)")
        when.add_argument("--before", type=midnight, metavar="DATE", help="calls of which nothing came since this day began")

    def handle(self, *args: Any, **options: Any) -> None:
        before = options["before"] or timezone.now() - timedelta(days=options["days"])
        calls = entries = 0
        for some, moved in archive_before(before):
            calls, entries = calls + some, entries + moved
        self.stdout.write(f"{calls} calls, {entries} entries archived")
