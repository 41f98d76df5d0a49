"""``manage.py add_connection SLUG --provider pinecall|sippet [--team T] [--token T]``."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import IntegrityError, transaction

from callcenter.journal.connections import add_connection
from callcenter.journal.models import Connection
from callcenter.operators.models import Team
from callcenter.operators.people import DEFAULT_TEAM, team_named


class Command(BaseCommand):
    help = "Add a provider account that sends frames. The last line printed is its token, shown this once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", metavar="SLUG", help="its name in the ingest address: letters, digits, - and _")
        parser.add_argument("--provider", required=True, help=" or ".join(Connection.Provider.values))
        parser.add_argument("--team", default=DEFAULT_TEAM, help="for agents not seen before; made when it is new (default: %(default)s)")
        parser.add_argument("--token", help="use this token instead of a new one; it must be as hard to guess")

    def handle(self, *args: Any, **options: Any) -> None:
        slug, provider, team, token = options["slug"], options["provider"], options["team"], options["token"]
        _check(slug, provider, token)
        try:
            with transaction.atomic():
                new_team = not Team.objects.filter(name=team).exists()
                connection, plaintext = add_connection(slug, provider, team_named(team), token)
        except IntegrityError as error:
            if Connection.objects.filter(slug=slug).exists():
                raise CommandError(f"There is a connection {slug!r} already; nothing was changed.") from error
            raise CommandError("Another connection has this token already; nothing was changed.") from error
        if new_team:  # perhaps a slip of the keyboard
            self.stderr.write(f'Team "{team}" is new and was made.', self.style.WARNING)
        self.stdout.write(f"Added {connection.get_provider_display()} connection {slug} for team {team}.")
        self.stdout.write(f"It takes frames at /ws/ingest/{slug}/ and /ingest/{slug}/ with this token:")
        self.stdout.write(plaintext)


def _check(slug: str, provider: str, token: str | None) -> None:
    """Raise CommandError with one sentence about what is wrong."""
    if provider not in Connection.Provider.values:
        raise CommandError(f"{provider!r} is no known provider; it takes {' or '.join(Connection.Provider.values)}.")
    try:
        Connection._meta.get_field("slug").clean(slug, None)
    except ValidationError as error:
        raise CommandError(f"{slug!r} cannot be a name: {' '.join(error.messages)}") from error
    if token is not None and not (token and token.isascii() and token.isprintable() and " " not in token):
        raise CommandError("A token takes printable ASCII characters without spaces, because it travels in a header.")
