"""The product inside this process, on a fresh database: for what is measured without a server."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.servers import start_postgres


@contextmanager
def database(backend: str = "sqlite") -> Iterator[None]:
    """Django set up and migrated. Once in a process: settings are read once."""
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="bench-"))
        url = stack.enter_context(start_postgres()) if backend == "servers" else f"sqlite:///{folder}/bench.sqlite3"
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "callcenter.settings",
            "SECRET_KEY": "only for a benchmark",
            "VAR_DIR": folder,
            "DATABASE_URL": url,
            "REDIS_URL": "",
        }
        (Path(folder) / "static").mkdir()
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connections

        call_command("migrate", verbosity=0)
        try:
            yield
        finally:
            connections.close_all()
            close_pool = getattr(connections["default"], "close_pool", None)
            if close_pool is not None:
                close_pool()
