"""One door to the decoders of all providers."""

from collections.abc import Callable

from callcenter.domain.decoded import Decoded, Unreadable
from callcenter.providers.pinecall.decode import decode as decode_pinecall
from callcenter.providers.sippet.decode import decode as decode_sippet

DECODERS: dict[str, Callable[[object], Decoded]] = {"pinecall": decode_pinecall, "sippet": decode_sippet}


def decode(provider: str, frame: object) -> Decoded:
    """Read one frame of this provider: parsed JSON, alone or in any envelope of contract A.3 or design §4.

    Raises Unreadable, with a text for people, for what is no frame at all.
    """
    decoder = DECODERS.get(provider)
    if decoder is None:
        raise Unreadable(f"no decoder for provider {provider[:40]!r}")
    return decoder(frame)
