"""``manage.py demo_data``: what a demonstration needs in the database, for whoever starts the processes itself."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from callcenter.console import demo
from callcenter.console.management.commands.demo import welcome
from callcenter.journal.connections import add_connection, rotate_token
from callcenter.journal.models import Connection
from callcenter.operators.people import team_named

PUSHED = (("pinecall-demo", "pinecall", "North"), ("sippet-demo", "sippet", "South"))  # slug, provider, team


class Command(BaseCommand):
    help = "Make people, connections and canned replies; print {tokens, welcome} as JSON. The connections get fresh tokens."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", required=True, help="address of the console, for the welcome")

    def handle(self, *args: Any, **options: Any) -> None:
        password = demo.demo_password(settings.VAR_DIR / "demo.password")
        demo.make_people(password)
        demo.make_canned_replies()
        tokens = {slug: token_of(slug, provider, team) for slug, provider, team in PUSHED}
        self.stdout.write(json.dumps({"tokens": tokens, "welcome": welcome(options["url"], password)}))


def token_of(slug: str, provider: str, team: str) -> str:
    """Of a connection that its provider opens, which is made if there is none."""
    found = Connection.objects.filter(slug=slug).first()
    return rotate_token(found) if found else add_connection(slug, provider, team_named(team))[1]
