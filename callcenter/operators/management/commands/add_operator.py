"""``manage.py add_operator NAME --role ROLE --password P [--team T] [--api-token]``."""

from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from callcenter.operators import tokens
from callcenter.operators.models import Operator, Team
from callcenter.operators.people import DEFAULT_TEAM, NameTakenError, add_person
from callcenter.operators.roles import Role


class Command(BaseCommand):
    help = "Add a person to the console. With --api-token the last line printed is a bearer token, shown this once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--role", choices=Role.values, required=True)
        parser.add_argument("--password", required=True)
        parser.add_argument("--team", default=DEFAULT_TEAM, help="made when it is new (default: %(default)s)")
        parser.add_argument("--api-token", action="store_true", help="also make a token for the read API and print it last")

    def handle(self, *args: Any, **options: Any) -> None:
        name, team = options["name"], options["team"]
        try:
            Operator._meta.get_field("username").clean(name, None)
        except ValidationError as error:
            raise CommandError(f"{name!r} cannot be a name: {' '.join(error.messages)}") from error
        try:
            validate_password(options["password"], Operator(username=name))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        with transaction.atomic():
            new_team = not Team.objects.filter(name=team).exists()
            try:
                operator = add_person(name, options["role"], options["password"], [team])
            except NameTakenError as error:
                raise CommandError(f"There is an operator {name!r} already; nothing was changed.") from error
            token = tokens.issue(operator, "add_operator")[1] if options["api_token"] else None
        if new_team:  # perhaps a slip of the keyboard
            self.stderr.write(f'Team "{team}" is new and was made.', self.style.WARNING)
        self.stdout.write(f"Added {operator.get_role_display().lower()} {name} to team {team}.")
        if token:
            self.stdout.write(token)
