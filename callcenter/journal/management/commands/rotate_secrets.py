"""``manage.py rotate_secrets``: put every stored secret under the first key of SECRETS_KEY."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from callcenter.journal.outbound.vault import rotate


class Command(BaseCommand):
    help = "Encrypt the secrets of connections anew with the first key of SECRETS_KEY; afterwards the others may go."

    def handle(self, *args: Any, **options: Any) -> None:
        done, lost = rotate()
        self.stdout.write(f"{done} secrets are under the first key now.")
        if lost:
            raise CommandError(f"No key in SECRETS_KEY fits the secrets of {', '.join(lost)}: add the key they were stored with.")
