"""From rows to what a client is made of: typed options with their agents, and secrets in plain text."""

from dataclasses import dataclass
from typing import Any

import msgspec

from callcenter.journal.models import Connection
from callcenter.journal.outbound.vault import unseal
from callcenter.providers.client import Client
from callcenter.providers.clients import ClientKind, Unusable, client_kind


@dataclass(frozen=True, slots=True)
class Parts:
    """``known``: every secret in plain text, to keep it out of what is shown and logged."""

    kind: ClientKind
    options: Any
    secrets: Any
    known: tuple[str, ...]

    def client(self) -> Client:
        return self.kind.make(self.options, self.secrets)


def assemble(connection: Connection) -> Parts:
    """Ready to connect. Raises Unusable with what is wrong or missing, in words for the administrator."""
    parts = read_setup(connection)
    problems = parts.kind.validate(parts.options, parts.secrets)
    if problems:
        raise Unusable(" ".join(problems))
    return parts


def read_setup(connection: Connection) -> Parts:
    """Typed, whether or not it is complete. Raises Unusable."""
    kind = client_kind(connection.kind)
    options: dict[str, Any] = dict(connection.options)
    secrets: dict[str, Any] = dict(unseal(connection.secrets))
    known = [*secrets.values()]
    if kind.agent is not None:
        options["agents"] = []
        for agent in connection.agent_setups.prefetch_related("parts"):
            lists: dict[str, list[Any]] = {}
            for row in agent.parts.all():
                lists.setdefault(row.part, []).append(row.options)
                if (keeper := kind.rows.get(row.part)) is not None:
                    opened = unseal(row.secrets)
                    known += opened.values()
                    secrets.setdefault(row.part, {})[row.options.get(keeper.field, "")] = opened
            options["agents"].append({**agent.options, **lists, "id": agent.slug})
    return Parts(kind, _typed(options, kind.options), _typed(secrets, kind.secrets), tuple(filter(None, known)))


def problems_of(connection: Connection) -> list[str]:
    """What keeps it from being opened, in sentences; empty = nothing."""
    try:
        parts = read_setup(connection)
    except Unusable as problem:
        return [str(problem)]
    return list(parts.kind.validate(parts.options, parts.secrets))


def scrub(text: str, known: tuple[str, ...]) -> str:
    """The text without any of the secrets."""
    for secret in sorted(known, key=len, reverse=True):
        text = text.replace(secret, "…")
    return text


def _typed(values: dict[str, Any], struct: type[msgspec.Struct]) -> Any:
    try:
        return msgspec.convert(values, struct)
    except msgspec.ValidationError as error:
        raise Unusable(f"What is set up does not fit: {error}.") from None
