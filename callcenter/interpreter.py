"""Settings of the interpreter for a process that serves."""

import gc
import sys


def tune() -> None:
    """Call it when everything is imported.

    Ingest and feed compute in threads of their own. The loop lets go of the interpreter at every send and every read: by
    default it would then wait 5 ms for each until such a thread hands it back, half a second for a hundred browsers.

    A full centre keeps a million objects for long: by default the collector goes through all of them again and again.
    """
    sys.setswitchinterval(0.0005)
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
