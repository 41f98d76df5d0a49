"""All that one connection keeps on disk: the spools of this run and of earlier ones, in order, and the cursors of its client."""

import errno
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from callcenter.ingest.runner.records import cursor_line, lines_of
from callcenter.ingest.runner.spool import Envelope, NoRoom, Spool


class Store:
    """Opened by one runner, in a folder of one database. ``limit``: bytes that may wait. ``troubles``: sentences to be told.

    A later fence in an older copy of the database is possible: only a spool that its successor holds open is left alone.

    Raises OSError where it is opened and sent from.
    """

    def __init__(self, folder: Path, fence: int, limit: int) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.folder, self.limit = folder, limit
        self.refused = ""
        self.troubles: list[str] = []
        self.cursors = self._kept()
        names = sorted(int(path.name) for path in folder.iterdir() if path.name.isdigit() and int(path.name) != fence)
        self.spools: list[Spool] = []
        try:
            for name in [*names, fence]:
                spool = Spool(folder / f"{name:012d}", self.troubles.append)
                if name >= fence and not spool.alone:
                    spool.close()
                else:
                    self.spools.append(spool)
            if not self.spools or self.spools[-1].folder.name != f"{fence:012d}":  # a copy of the database is run beside this one
                raise OSError(errno.EAGAIN, "another process has it open")
        except BaseException:
            self._let_go()
            raise
        self.own = self.spools[-1]
        for spool in self.spools:
            self.cursors |= spool.cursors
        self.stale: list[tuple[Spool, Path]] = []
        self._tidy()

    @property
    def frames(self) -> int:
        """How many wait."""
        return sum(spool.frames for spool in self.spools)

    def put(self, frames: Sequence[object]) -> Sequence[object]:
        """Write them; what did not fit is given back, the reason in ``refused``."""
        self.refused = ""
        taken = 0
        for line in lines_of(frames, _now_ms()):
            count = int(line.split(b" ", 2)[1])
            try:
                self._append(line, count)
            except NoRoom as error:
                self.refused = str(error)
                return frames[taken:]
            taken += count
        return ()

    def remember(self, name: str, value: str) -> bool:
        """Behind every frame that was put before. False: there is no room; the frames would come again."""
        try:
            self._append(cursor_line(name, value, _now_ms()), 0)
        except NoRoom:
            return False
        self.cursors[name] = value
        return True

    def next(self) -> Envelope | None:
        """From the oldest spool that has something; a later one waits until it is empty."""
        self._skip_empty()
        return self.spools[0].next()

    @property
    def first_on_way(self) -> int:
        """The number of the first envelope that was sent and is not acknowledged, 0 = none."""
        ways = self.spools[0].progress.ways
        return ways[0].id if ways else 0

    def rewind(self) -> None:
        for spool in self.spools:
            spool.rewind()

    def acknowledge(self, number: int) -> None:
        spool = self.spools[0]
        known = {path for _, path in self.stale}
        self.stale += [(spool, path) for path in spool.acknowledge(number) if path not in known]
        self._tidy()

    def oldest_ms(self) -> int | None:
        return self.spools[0].oldest_ms()

    def close(self) -> None:
        """What is empty leaves nothing behind but its cursors."""
        with suppress(OSError):
            if self.own.empty:
                self._keep()
                self.spools.remove(self.own)
                self.own.remove()
        self._let_go()

    def _let_go(self) -> None:
        for spool in self.spools:
            spool.close()

    def _append(self, line: bytes, frames: int) -> None:
        size = sum(spool.waiting for spool in self.spools)
        if size and size + len(line) > self.limit:  # a frame that is larger than the limit goes alone
            raise NoRoom(f"{size // 1_000_000:,} MB wait for ingest, as many as SPOOL_LIMIT_MB allows: the provider has to wait.")
        self.own.append(line, frames)

    def _tidy(self) -> None:
        """Delete what is acknowledged, once its cursors are kept elsewhere. On a full disk it stays for now."""
        gone = [spool for spool in self.spools if spool is not self.own and spool.empty]
        if not gone and not self.stale:
            return
        try:
            self._keep()
            while self.stale:
                spool, path = self.stale[-1]
                spool.forget(path)
                self.stale.pop()
            for spool in gone:
                self.spools.remove(spool)
                spool.remove()
        except OSError:
            self._skip_empty()

    def _skip_empty(self) -> None:
        """An empty spool that cannot be removed yet must not stop the next."""
        while len(self.spools) > 1 and self.spools[0].empty:
            self.spools.pop(0).close()

    def _kept(self) -> dict[str, str]:
        try:
            return msgspec.json.decode((self.folder / "cursors").read_bytes(), type=dict[str, str])
        except (FileNotFoundError, msgspec.DecodeError):
            return {}

    def _keep(self) -> None:
        draft = self.folder / "cursors.new"
        draft.write_bytes(msgspec.json.encode(self.cursors))
        os.replace(draft, self.folder / "cursors")  # noqa: PTH105


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
