"""Opening a socket to a provider, and to nobody else."""

from websockets.asyncio.client import connect


class open_only(connect):  # noqa: N801 - it is used as the function that it stands for
    """``websockets.connect`` that follows no redirect: the first frame or the address holds a key. A redirect raises InvalidStatus."""

    def process_redirect(self, exc: Exception) -> Exception | str:
        return exc


ELSEWHERE = "it points to another address, and a key is sent to no address but the one that was typed: check it"


def is_redirect(status: int) -> bool:
    """Whether an answer with this status points elsewhere."""
    return 300 <= status < 400
