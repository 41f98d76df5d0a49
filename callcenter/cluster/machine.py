"""What this machine has: programs, free ports, and somebody whom PostgreSQL may run as."""

import os
import pwd
import shutil
import socket
from contextlib import ExitStack
from pathlib import Path

LOCAL = "127.0.0.1"
SYSTEM_FOLDERS = ("/usr/local/sbin", "/usr/sbin", "/sbin")  # not on everybody's PATH


class TroubleError(Exception):
    """Why it cannot run, in a sentence for whoever started it."""


def program(name: str, package: str) -> str:
    """Where a program is. Raises TroubleError with the package to install."""
    path = os.pathsep.join((os.environ.get("PATH", ""), *SYSTEM_FOLDERS))
    found = shutil.which(name, path=path)
    if found is None:
        raise TroubleError(f"{name} is not installed; on Debian and Ubuntu: sudo apt-get install {package}")
    return found


def postgres_program(name: str) -> str:
    """Debian keeps the server's programs off the PATH, one folder per version: the newest. Raises TroubleError."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name.split(".")[0]))
    if not shutil.which(name) and folders:
        return str(folders[-1] / name)
    return program(name, "postgresql")


def unprivileged() -> str | None:
    """Whom PostgreSQL runs as: it refuses to run as root. None: as ourselves."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def free_ports(count: int) -> list[int]:
    """Ports that nobody has now."""
    with ExitStack() as holding:
        probes = [holding.enter_context(socket.create_server((LOCAL, 0))) for _ in range(count)]
        return [int(probe.getsockname()[1]) for probe in probes]


def free_port() -> int:
    return free_ports(1)[0]


def refuse_taken_port(host: str, port: int) -> None:
    """Raises TroubleError."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise TroubleError(f"Port {port} on {host} cannot be used ({error.strerror}); choose another: PORT={port + 1}") from error
