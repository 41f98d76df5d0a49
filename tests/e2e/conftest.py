"""Running consoles for tests that look at them from outside."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
import redis

from tests.e2e.outside import Api, House, Line, move_in
from tests.servers import Console, create_database, drop_database, start_console


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="package")
def empty_house(backend: str, static_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Nothing ever comes in here: it is copied, and does not run."""
    postgres_url = os.environ["DATABASE_URL"] if backend == "servers" else None
    with start_console(tmp_path_factory.mktemp("empty"), static_root, postgres_url, processes=2 if postgres_url else 1) as console:
        house = move_in(console)
        console.kill()
        yield house


@pytest.fixture
def new_house(empty_house: House, tmp_path: Path) -> Callable[[], AbstractContextManager[House]]:
    """Makes running consoles whose database holds only people and connections, one at a time."""
    return lambda: copy_of(empty_house, tmp_path / uuid4().hex)


@contextmanager
def copy_of(house: House, folder: Path) -> Iterator[House]:
    """The same house on a database of its own, which begins as a copy."""
    folder.mkdir()
    env = dict(house.console.env)
    url = env["DATABASE_URL"]
    if url.startswith("sqlite"):
        for file in house.console.folder.glob("console.sqlite3*"):
            shutil.copy(file, folder)
        env["DATABASE_URL"] = f"sqlite:///{folder}/console.sqlite3"
    else:
        server, template = url.rsplit("/", 1)
        name = f"copy_{uuid4().hex[:12]}"
        create_database(f"{server}/postgres", name, template)
        with redis.Redis.from_url(env["REDIS_URL"]) as client:
            client.flushall()
        env["DATABASE_URL"] = f"{server}/{name}"
    console = Console(folder, env, len(house.console.ports))
    console.env["VAR_DIR"] = str(folder)
    try:
        console.start()
        yield replace(
            house,
            console=console,
            pinecall=Line(console, house.pinecall.slug, house.pinecall.token),
            sippet=Line(console, house.sippet.slug, house.sippet.token),
            api=Api(console, house.api.token),
        )
    finally:
        console.kill()
        if not url.startswith("sqlite"):
            drop_database(f"{server}/postgres", name)
