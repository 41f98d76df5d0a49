"""``python -m tests.ingest.runner.launch run_connections``: manage.py, measured from outside.

``SCRIPTED``: "1" = with the scripted client in the place of Pinecall's, "0" = as the product is.
``FILE_LIMIT``: no file of this process grows beyond so many bytes, as on a full disk.
``TURNS``: a file of eight bytes in which the turns of the event loop are counted.
"""

import mmap
import os
import resource
import selectors
import struct
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

from tests.ingest.runner.scripted import register


def count_turns(path: Path) -> None:
    """A loop asks its selector once in every turn."""
    with path.open("r+b") as file:
        shared = mmap.mmap(file.fileno(), 8)

    class Counting(selectors.DefaultSelector):
        turns = 0

        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            self.turns += 1
            shared[:] = struct.pack("=Q", self.turns)
            return super().select(timeout)

    selectors.DefaultSelector = Counting  # type: ignore[misc]


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "callcenter.settings"
    if os.environ["SCRIPTED"] == "1":
        register()
    count_turns(Path(os.environ["TURNS"]))
    if limit := int(os.environ.get("FILE_LIMIT", "0")):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    execute_from_command_line(["manage.py", *sys.argv[1:]])
