"""The way out: an order in the provider's own JSON."""

from collections.abc import Callable
from typing import Any

from callcenter.domain.commands.order import Order
from callcenter.providers.pinecall import encode as pinecall
from callcenter.providers.sippet import encode as sippet

_ENCODE: dict[str, Callable[[Order], dict[str, Any]]] = {"pinecall": pinecall.encode, "sippet": sippet.encode}


def encode(provider: str, order: Order) -> dict[str, Any]:
    """Raises KeyError for an unknown provider, and for a verb that it does not have."""
    return _ENCODE[provider](order)
