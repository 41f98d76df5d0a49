"""Settings of the interpreter for a process that serves."""

import sys


def tune() -> None:
    """Call it when everything is imported.

    Ingest and feed compute in threads of their own. The loop lets go of the interpreter at every send and every read: by
    default it would then wait 5 ms for each until such a thread hands it back, half a second for a hundred browsers.
    """
    sys.setswitchinterval(0.0005)
