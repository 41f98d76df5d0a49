"""Secrets at rest: each encrypted by itself, so that one can be replaced without reading the others."""

from collections.abc import Iterable
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction

from callcenter.journal.models import AgentPart, Connection
from callcenter.providers.clients import Unusable

NO_KEY = (
    "A stored secret cannot be read: no key in SECRETS_KEY fits it. Set the key under which it was stored beside the new one, "
    "or enter the secret again."
)


def seal(plaintext: str) -> str:
    return _vault(tuple(settings.SECRETS_KEYS)).encrypt(plaintext.encode()).decode()


def unseal(sealed: dict[str, str]) -> dict[str, str]:
    """In plain text, for a client alone. Raises Unusable when no key fits."""
    vault = _vault(tuple(settings.SECRETS_KEYS))
    try:
        return {name: vault.decrypt(token).decode() for name, token in sealed.items()}
    except InvalidToken:
        raise Unusable(NO_KEY) from None


def rotate() -> tuple[int, list[str]]:
    """Put everything under the first key: how many secrets, and whose could not be read by any key."""
    done, lost = 0, []
    vault = _vault(tuple(settings.SECRETS_KEYS))
    with transaction.atomic():
        for row in _keepers():
            try:
                row.secrets = {name: vault.rotate(token).decode() for name, token in row.secrets.items()}
            except InvalidToken:
                lost.append(f"{row.part} {row}" if isinstance(row, AgentPart) else str(row))
                continue
            row.save(update_fields=["secrets"])
            done += len(row.secrets)
    return done, lost


def _keepers() -> Iterable[Connection | AgentPart]:
    yield from Connection.objects.select_for_update().exclude(secrets={}).order_by("pk")
    yield from AgentPart.objects.select_for_update().exclude(secrets={}).order_by("pk")


@lru_cache(maxsize=4)
def _vault(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])
