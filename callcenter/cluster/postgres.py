"""A PostgreSQL of our own: in a folder, on a port of this machine, behind a password."""

import os
import secrets
import shutil
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from callcenter.cluster.machine import LOCAL, TroubleError, postgres_program, unprivileged
from callcenter.cluster.program import Program

OWNER = "callcenter"
# For a database of one test or benchmark: nothing of it survives, so nothing is flushed.
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True, slots=True)
class Postgres:
    """``keep``: its data shall survive the machine's end."""

    folder: Path
    port: int
    keep: bool = True

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def server_url(self) -> str:
        """Without the name of a database."""
        return f"postgres://{OWNER}:{self._password()}@{LOCAL}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.server_url}/{OWNER}"

    def make(self) -> None:
        """Make its files unless they are there. Raises TroubleError."""
        user = unprivileged()
        self.folder.mkdir(parents=True, exist_ok=True)
        if user:
            shutil.chown(self.folder, user)
            refuse_hidden(self.folder, user)
        if (self.data / "PG_VERSION").exists():
            self._refuse_other_version()
            return
        password = self.folder / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_hex(16))
        if user:
            shutil.chown(password, user)
        # Made beside its place, under a name of its own: what was interrupted is no database, and may still be at work.
        for left in self.folder.glob("data.*"):
            shutil.rmtree(left, ignore_errors=True)
        draft = self.folder / f"data.{secrets.token_hex(4)}"
        command = [postgres_program("initdb"), "-D", str(draft), "-U", OWNER, "--pwfile", str(password), "-E", "UTF8", "--locale=C"]
        # Proving the password costs both sides milliseconds for every connection; tests open thousands.
        way = ["-A", "scram-sha-256"] if self.keep else ["-A", "trust", "-N"]
        try:
            code, said = Program("initdb", [*command, *way], folder=self.folder, user=user).run()
            if code:
                raise TroubleError(f"PostgreSQL could not make its files in {self.data}: {said.strip()[-300:]}")
            draft.rename(self.data)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def program(self) -> Program:
        options = {
            "listen_addresses": LOCAL,
            "port": str(self.port),
            "unix_socket_directories": "",
            "max_connections": "200",
            **({} if self.keep else THROWAWAY),
        }
        command = [postgres_program("postgres"), "-D", str(self.data), *(f"--{key}={value}" for key, value in options.items())]
        # SIGINT: it ends its sessions itself. SIGTERM would wait for them.
        return Program("postgres", command, self.answers, folder=self.folder, user=unprivileged(), stop=signal.SIGINT)

    def answers(self) -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(f"{self.server_url}/postgres", connect_timeout=5):
            return True
        return False

    def make_database(self) -> None:
        """Once it answers: the database of ``url``, unless it is there."""
        with psycopg.connect(f"{self.server_url}/postgres", autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [OWNER]).fetchone():
                connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(OWNER)))

    def _password(self) -> str:
        return (self.folder / "password").read_text()

    def _refuse_other_version(self) -> None:
        made, here = (self.data / "PG_VERSION").read_text().strip(), postgres_program("postgres")
        said = subprocess.run([here, "--version"], capture_output=True, text=True, check=True).stdout
        if f" {made}." not in said:
            raise TroubleError(f"The files in {self.data} are of PostgreSQL {made}, and {said.strip()} is installed; move them away.")


def refuse_hidden(folder: Path, user: str) -> None:
    """Raises TroubleError when this user cannot get to the folder."""
    looked = subprocess.run(["test", "-w", str(folder)], user=user, cwd=os.sep, check=False)
    if looked.returncode:
        raise TroubleError(
            f"As root, PostgreSQL runs as the user {user}, who cannot reach {folder}; "
            "start as somebody else, or set VAR_DIR to a folder that everybody may enter, such as /var/lib/callcenter."
        )
