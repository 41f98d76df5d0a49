"""The way out: an order in the provider's own JSON."""

from collections.abc import Callable
from typing import Any

from callcenter.domain.commands.order import Order
from callcenter.providers.pinecall import encode as pinecall
from callcenter.providers.sippet import encode as sippet

_ENCODE: dict[str, Callable[[Order], list[dict[str, Any]]]] = {"pinecall": pinecall.encode, "sippet": sippet.encode}


def encode(provider: str, order: Order) -> list[dict[str, Any]]:
    """Its frames, in the order in which they leave; most verbs have one. Raises KeyError where provider or verb is unknown."""
    return _ENCODE[provider](order)
