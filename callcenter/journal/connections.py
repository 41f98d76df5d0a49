"""Connections and their tokens: made once, shown once, kept as a digest."""

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from callcenter.journal.models import Connection
from callcenter.journal.outbound.lease import is_runner
from callcenter.operators.models import Team
from callcenter.operators.tokens import PREFIX_LENGTH, digest, new_token
from callcenter.providers.clients import Kind


def add_connection(slug: str, provider: str, team: Team, token: str | None = None, kind: str = Kind.PUSH) -> tuple[Connection, str]:
    """Make a connection; the second value is its token, which nobody can read again."""
    plaintext = token or new_token("in_")
    connection = Connection.objects.create(
        slug=slug,
        provider=provider,
        kind=kind,
        team=team,
        token_digest=digest(plaintext),
        token_prefix=_prefix(plaintext),
        token_rotated_at=timezone.now(),
    )
    return connection, plaintext


def rotate_token(connection: Connection) -> str:
    """Give the connection a new token; the old one opens nothing from now on."""
    plaintext = new_token("in_")
    connection.token_digest, connection.token_prefix = digest(plaintext), _prefix(plaintext)
    connection.token_rotated_at = timezone.now()
    connection.save(update_fields=["token_digest", "token_prefix", "token_rotated_at"])
    return plaintext


def open_anew(connections: QuerySet[Connection]) -> None:
    """The runner closes them and opens them with what is set up now."""
    connections.update(setup=F("setup") + 1)


def find_connection(slug: str, token: str) -> Connection | None:
    """The enabled connection with this slug and token, its own or the runner's, else None."""
    connection = Connection.objects.filter(slug=slug, enabled=True).first()
    if connection is None:
        return None
    own = constant_time_compare(connection.token_digest, digest(token))
    return connection if own or is_runner(connection, token) else None


def hook_key(connection: Connection) -> str:
    """The secret part of the address for webhooks; a new token makes it another."""
    return salted_hmac("callcenter.hook", f"{connection.pk}:{connection.token_digest}", algorithm="sha256").hexdigest()[:40]


def hook_path(connection: Connection) -> str:
    """Where the provider's webhooks go, "" for a provider that has none."""
    return f"/ingest/{connection.slug}/hooks/{hook_key(connection)}/" if connection.provider == Connection.Provider.SIPPET else ""


def find_by_hook(slug: str, key: str) -> Connection | None:
    """The enabled connection with this address, else None."""
    connection = Connection.objects.filter(slug=slug, provider=Connection.Provider.SIPPET, enabled=True).first()
    return connection if connection is not None and constant_time_compare(key, hook_key(connection)) else None


def _prefix(token: str) -> str:
    """The beginning of a token, by which people recognise it; nothing of one so short that this would give it away."""
    return token[:PREFIX_LENGTH] if len(token) >= 4 * PREFIX_LENGTH else ""
