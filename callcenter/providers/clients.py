"""Kinds of connections, and for each kind that we open ourselves what its client needs and how it is made."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from msgspec import Struct

from callcenter.providers.client import Client
from callcenter.providers.pinecall.client import options as pinecall
from callcenter.providers.pinecall.client.direct import DirectClient
from callcenter.providers.pinecall.client.observer import ObserverClient
from callcenter.providers.pinecall.client.options import (
    AgentSetup,
    DirectOptions,
    DirectSecrets,
    ObserverOptions,
    ObserverSecrets,
    StreamOptions,
    StreamSecrets,
    WhatsAppSecrets,
)
from callcenter.providers.pinecall.client.stream import StreamClient
from callcenter.providers.sippet import options as sippet
from callcenter.providers.sippet.client import SippetClient
from callcenter.providers.sippet.options import SippetOptions, SippetSecrets


class Kind(StrEnum):
    """``PUSH``: the provider, or a bridge, dials us. Every other kind is dialled by the runner."""

    PUSH = "push"
    SIPPET = "sippet"
    PINECALL_DIRECT = "pinecall-direct"
    PINECALL_STREAM = "pinecall-stream"
    PINECALL_OBSERVER = "pinecall-observer"


TITLES = {
    Kind.PUSH: "Push: the provider or a bridge dials us",
    Kind.SIPPET: "Sippet: we open its event channel",
    Kind.PINECALL_DIRECT: "Pinecall, direct: the agents run here",
    Kind.PINECALL_STREAM: "Pinecall, stream: we read the events of another process",
    Kind.PINECALL_OBSERVER: "Pinecall, observer: we read the live log",
}
PROVIDERS = {
    Kind.SIPPET: "sippet",
    Kind.PINECALL_DIRECT: "pinecall",
    Kind.PINECALL_STREAM: "pinecall",
    Kind.PINECALL_OBSERVER: "pinecall",
}
READ_ONLY = frozenset({Kind.PINECALL_STREAM, Kind.PINECALL_OBSERVER})


class Unusable(Exception):
    """A connection cannot be opened as it is set up; the text says why and what to do."""


class RowSecrets(Struct, frozen=True):
    """Secrets of one list of an agent: they reach the client as ``{value of field: secrets}`` under the list's name.

    ``sent_to``: the option of the connection that says where they go.
    """

    field: str
    struct: type[Struct]
    sent_to: str = ""


class ClientKind(Struct, frozen=True):
    """How a connection of one kind is set up and made. ``help``: a sentence for each field, those of agents too.

    ``validate`` returns sentences about what is wrong or missing. ``agent``: of a kind whose agents are ours, an item of
    ``options.agents``; its ``id`` and its lists of structs are edited as rows. ``rows``: lists whose rows have secrets.
    ``sent_to``: secret -> the option that says where it goes; one that was stored for another host is not sent there.
    ``long``: texts of several lines. ``main``: what is shown first, the rest stays folded; empty = everything.
    """

    options: type[Struct]
    secrets: type[Struct]
    help: Mapping[str, str]
    validate: Callable[[Any, Any], Sequence[str]]
    make: Callable[[Any, Any], Client]
    agent: type[Struct] | None = None
    rows: Mapping[str, RowSecrets] = {}
    sent_to: Mapping[str, str] = {}
    long: frozenset[str] = frozenset()
    main: tuple[str, ...] = ()


CLIENTS: dict[str, ClientKind] = {
    Kind.SIPPET: ClientKind(
        options=SippetOptions,
        secrets=SippetSecrets,
        help=sippet.HELP,
        validate=lambda options, secrets: [*sippet.validate(options), *sippet.missing(secrets)],
        make=SippetClient,
        sent_to={"secret_key": "base_url"},
        long=frozenset(name for name in SippetOptions.__struct_fields__ if name.endswith("_input")),
        main=("base_url", "topic"),
    ),
    Kind.PINECALL_DIRECT: ClientKind(
        options=DirectOptions,
        secrets=DirectSecrets,
        help=pinecall.HELP,
        validate=pinecall.validate,
        make=DirectClient,
        agent=AgentSetup,
        rows={"whatsapp": RowSecrets("phone_number_id", WhatsAppSecrets, "server")},
        sent_to={"api_key": "server", "tool_token": "tool_url"},
        long=frozenset({"prompt", "greeting"}),
    ),
    Kind.PINECALL_STREAM: ClientKind(
        options=StreamOptions,
        secrets=StreamSecrets,
        help=pinecall.HELP,
        validate=pinecall.validate,
        make=StreamClient,
        sent_to={"authorization": "url"},
    ),
    Kind.PINECALL_OBSERVER: ClientKind(
        options=ObserverOptions,
        secrets=ObserverSecrets,
        help=pinecall.HELP,
        validate=pinecall.validate,
        make=ObserverClient,
        sent_to={"api_key": "server"},
    ),
}


def client_kind(kind: str) -> ClientKind:
    """Raises Unusable."""
    found = CLIENTS.get(kind)
    if found is None:
        raise Unusable(f"This console has no client for connections of the kind {kind!r}.")
    return found
