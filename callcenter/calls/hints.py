"""Telling the feed and the sender of commands, after a commit, that it is time to look. It may be lost: both look by themselves too."""

import logging
from collections.abc import Callable

from django.db import transaction

log = logging.getLogger(__name__)

_listeners: set[Callable[[], None]] = set()


def listen(listener: Callable[[], None]) -> None:
    """``listener`` is called in the thread that committed; it must not block."""
    _listeners.add(listener)


def forget(listener: Callable[[], None]) -> None:
    _listeners.discard(listener)


def hint_after_commit() -> None:
    transaction.on_commit(_hint)


def _hint() -> None:
    for listener in list(_listeners):
        try:
            listener()
        except Exception:
            log.warning("A hint was not taken", exc_info=True)
