"""nginx in front of the processes: its settings from the template beside this file."""

import getpass
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from callcenter.cluster.machine import LOCAL, program
from callcenter.cluster.program import Program

TEMPLATE = Path(__file__).with_name("nginx.conf.in")
# One failure, and a process is left alone for two seconds: the others take what comes.
SERVER = "server {}:{} max_fails=1 fail_timeout=2s;"


@dataclass(frozen=True, slots=True)
class Nginx:
    """``web`` and ``ingest``: ports of this machine."""

    folder: Path
    static_root: Path
    host: str
    port: int
    web: tuple[int, ...]
    ingest: tuple[int, ...]

    def make(self) -> None:
        """Write its settings, and a link by which /static/ leads to the static files."""
        served = self.folder / "served" / "static"
        served.parent.mkdir(parents=True, exist_ok=True)
        served.unlink(missing_ok=True)
        served.symlink_to(self.static_root)
        (self.folder / "nginx.conf").write_text(self.settings())

    def settings(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        values = {
            # Workers of a master that runs as root would be nobody, who cannot read the static files.
            "user": f"user {getpass.getuser()};" if os.getuid() == 0 else "",
            "folder": str(self.folder),
            "listen": f"{host}:{self.port}",
            "web": servers(self.web),
            "ingest": servers(self.ingest),
        }
        return re.sub(r"@(user|folder|listen|web|ingest)@", lambda found: values[found[1]], TEMPLATE.read_text())

    def program(self, answers: Callable[[], bool]) -> Program:
        command = [program("nginx", "nginx"), "-p", str(self.folder), "-c", str(self.folder / "nginx.conf"), "-e", "stderr"]
        return Program("nginx", command, answers)


def servers(ports: Iterable[int]) -> str:
    return " ".join(SERVER.format(LOCAL, port) for port in ports)
