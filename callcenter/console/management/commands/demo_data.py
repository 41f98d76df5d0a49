"""``manage.py demo_data``: what a demonstration needs in the database, for whoever starts the processes itself."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from callcenter.console import demo
from callcenter.console.management.commands.demo import welcome

PUSHED = (*demo.PUSHED, ("sippet-demo", "sippet", "South"))


class Command(BaseCommand):
    help = "Make people, connections and canned replies; print {tokens, welcome} as JSON. The connections get fresh tokens."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", required=True, help="address of the console, for the welcome")

    def handle(self, *args: Any, **options: Any) -> None:
        password = demo.demo_password(settings.VAR_DIR / "demo.password")
        demo.make_people(password)
        demo.make_canned_replies()
        tokens = demo.make_pushed(PUSHED)
        demo.name_agents()
        self.stdout.write(json.dumps({"tokens": tokens, "welcome": welcome(options["url"], password)}))
