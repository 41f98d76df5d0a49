"""What a run writes down: every acknowledged envelope if asked, and the summary at the end."""

from io import BufferedWriter
from pathlib import Path

from callcenter.providers.simulator.frame import encode
from callcenter.providers.simulator.outbox import Acknowledged


class Recorder:
    """Appends one NDJSON line per acknowledged envelope; without a path it does nothing.

    A line is ``{"connection", "stream", "id", "rejected", "frames"}`` with the frames as they were sent.
    """

    def __init__(self, path: str) -> None:
        self._file: BufferedWriter | None = Path(path).open("wb") if path else None  # noqa: SIM115 - open for the whole run

    def write(self, connection: str, stream: str, done: Acknowledged) -> None:
        """One acknowledged envelope."""
        if self._file is None:
            return
        head = encode({"connection": connection, "stream": stream, "id": done.envelope.id, "rejected": done.rejected})
        frames = b",".join(frame.data for frame in done.envelope.frames)
        self._file.write(head[:-1] + b',"frames":[' + frames + b"]}\n")

    def close(self) -> None:
        """Everything is on disk afterwards."""
        if self._file is not None:
            self._file.close()
