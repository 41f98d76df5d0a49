"""Refold the journal into rows, or only check that they agree."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from callcenter.calls.rebuild import differences


class Command(BaseCommand):
    help = "Refolds the journal into rows: calls, agents, threads and deliveries. May run beside a live server."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 when rows differ from the journal")
        parser.add_argument("--call", default="", metavar="UUID", help="only this call")

    def handle(self, *args: Any, **options: Any) -> None:
        found = 0
        for difference in differences(options["call"], repair=not options["check"]):
            self.stdout.write(difference)
            found += 1
        if found and options["check"]:
            raise CommandError(f"{found} differences", returncode=1)
        self.stdout.write(f"{found} differences repaired" if found else "clean")
