"""Where tests run (SQLite in process, or PostgreSQL with Redis), the product in processes, a browser, and a fixed cast."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from tests.servers import Console, start_console, start_postgres, start_redis

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from pytest_django import DjangoDbBlocker

    from callcenter.operators.models import Operator, Team

OWN_SETTINGS = (
    "DEBUG", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS", "PORT", "SECURE", "DATABASE_URL", "REDIS_URL", "MEDIA_ROOT",
    "SECRETS_KEY", "INGEST_URL", "SPOOL_LIMIT_MB", "STATIC_ROOT", "TIME_ZONE", "LANGUAGE_CODE",
    "UNANSWERED_AFTER_S", "STALE_AFTER_S", "VOICE_MAX_DURATION_S", "VOICE_GRACE_S", "CHAT_IDLE_LIMIT_S", "WRAP_UP_S", "AWAY_AFTER_S",
)  # fmt: skip
HERE = Path(__file__).parent
PASSWORD = "correct horse battery"
CHROMIUM_FLAGS = [
    "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync",
]  # fmt: skip

# These play whole stories, wait for a line to give up, ask every question of a matrix, or start processes: right, but not quick.
SLOW = {
    "api/test_schema.py", "calls/test_archiving.py", "calls/test_rebuild.py", "commands/test_pause_levels.py",
    "console/calldesk/test_actions.py", "ingest/test_commands.py", "ingest/test_golden_logs.py", "ingest/test_socket.py",
    "ingest/test_whatsapp_threads.py", "live/test_changes.py", "live/test_consumer.py", "live/test_hostile_text.py", "live/test_threads.py",
    "providers/pinecall/client/test_line.py", "providers/simulator/test_population.py", "providers/simulator/test_run.py",
    "providers/simulator/test_seeds.py", "providers/simulator/test_vocabulary.py", "providers/simulator/test_voice.py",
    "providers/sippet/test_commands.py", "providers/sippet/test_flood.py", "providers/sippet/test_gaps.py", "providers/sippet/test_line.py",
    "providers/sippet/test_played.py", "providers/test_robustness.py", "test_matrix.py", "test_query_counts.py", "test_query_plans.py",
    "test_settings.py", "test_verb_matrix.py",
}  # fmt: skip

# Tested once, beside SQLite: layers that know no database (import-linter holds them to it), what is there for SQLite alone, and what a
# browser makes of a page, whichever database filled it. How pages follow what happens is tested on both.
ONCE = (
    "domain/", "providers/", "test_demo.py", "test_settings.py", "browser/test_accessibility.py", "browser/test_hostile_texts.py",
    "browser/test_keyboard.py", "browser/test_link.py", "browser/test_policy.py", "browser/test_right_to_left.py", "browser/test_signing_in.py",
)  # fmt: skip

# A cluster brings its own servers, in-process delivery has one web process, and no Redis.
NOT_ON_SQLITE = ("cluster", "browser/test_two_processes.py", "ingest/test_frozen_redis.py")

backend_key = pytest.StashKey[str]()
resources_key = pytest.StashKey[ExitStack]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--backend",
        choices=("sqlite", "servers"),
        default=os.environ.get("TEST_BACKEND", "sqlite"),
        help="sqlite: a file and in-process delivery; servers: PostgreSQL and Redis, started for this run",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Start the servers, set the environment, load the settings and ease what only tests may ease."""
    if "DJANGO_SETTINGS_MODULE" in os.environ:
        raise pytest.UsageError("Unset DJANGO_SETTINGS_MODULE: the tests choose the settings and their servers themselves.")
    backend = config.stash[backend_key] = config.getoption("--backend")
    if getattr(config.option, "numprocesses", 0) and not hasattr(config, "workerinput"):
        return  # this process only shares the tests out: whatever it set, the others would inherit
    resources = config.stash[resources_key] = ExitStack()
    folder = Path(resources.enter_context(TemporaryDirectory(prefix="callcenter-")))
    for name in OWN_SETTINGS:
        os.environ.pop(name, None)
    servers = backend == "servers" and not config.option.collectonly
    os.environ["SECRET_KEY"] = "only for tests"
    os.environ["VAR_DIR"] = str(folder)
    (folder / "static").mkdir()
    if servers:
        os.environ["DATABASE_URL"] = resources.enter_context(start_postgres())
        os.environ["REDIS_URL"] = resources.enter_context(start_redis())
    os.environ["DJANGO_SETTINGS_MODULE"] = "callcenter.settings"
    from django.conf import settings

    if not servers:  # a file, not memory: threads and processes must meet in it as they do in the product
        settings.DATABASES["default"].setdefault("TEST", {})["NAME"] = str(folder / "test.sqlite3")
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    inside = collection_path.relative_to(HERE).as_posix() if collection_path.is_relative_to(HERE) else ""
    return True if config.stash[backend_key] == "sqlite" and inside in NOT_ON_SQLITE else None


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark what is slow: before ``-m`` chooses."""
    if _inside(item).as_posix() in SLOW:
        item.add_marker(pytest.mark.slow)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with the longest files, so that no process works alone at the end."""
    if config.stash[backend_key] == "servers":
        once = [item for item in items if _inside(item).as_posix().startswith(ONCE)]
        config.hook.pytest_deselected(items=once)
        items[:] = [item for item in items if not _inside(item).as_posix().startswith(ONCE)]
    items.sort(key=_is_quick)


def _inside(item: pytest.Item) -> Path:
    """Where in this folder its file lies; of a file elsewhere the whole path."""
    return item.path.relative_to(HERE) if item.path.is_relative_to(HERE) else item.path


def _is_quick(item: pytest.Item) -> bool:
    return not any(item.get_closest_marker(name) for name in ("slow", "e2e", "browser"))


def pytest_unconfigure(config: pytest.Config) -> None:
    if resources_key in config.stash:
        config.stash[resources_key].close()


def pytest_report_header(config: pytest.Config) -> str:
    return f"backend: {config.stash[backend_key]}"


@pytest.fixture(scope="session")
def backend(pytestconfig: pytest.Config) -> str:
    """ "sqlite" or "servers"."""
    return pytestconfig.stash[backend_key]


@pytest.fixture(scope="session")
def often(backend: str) -> Callable[[int], int]:
    """How often that is tried which chance decides: as asked where processes meet in PostgreSQL and Redis, a fifth of it on SQLite."""
    return lambda times: times if backend == "servers" else times // 5


@pytest.fixture(scope="session")
def django_db_keepdb(backend: str) -> bool:
    """The private PostgreSQL goes as a whole; dropping its database would wait for threads that still hold connections."""
    return backend == "servers"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: "DjangoDbBlocker") -> None:
    """Nobody here is allowed anything by a row of django.contrib.auth, and to make them anew after each test took long."""
    from django.db.models.signals import post_migrate

    post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    with django_db_blocker.unblock():
        _count_on()


def _count_on() -> None:
    """Every table gives numbers of its own range, as after many other tests: no test knows a number, none fits another table."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence")
        for place, table in enumerate(sorted(connection.introspection.django_table_names(only_existing=True)), 1):
            if connection.vendor == "sqlite":
                cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, place * 10_000])
                continue
            for sequence in connection.introspection.get_sequences(cursor, table):
                cursor.execute("SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [table, sequence["column"], place * 10_000])


@pytest.fixture(autouse=True)
def _fresh_live_state(backend: str) -> Iterator[None]:
    """Every test leaves no live state and an empty Redis, as it leaves an empty database."""
    yield
    if live_state := sys.modules.get("callcenter.calls.live_state"):
        live_state.store.cache_clear()
    if backend == "servers":
        import redis

        with redis.Redis.from_url(os.environ["REDIS_URL"]) as client:
            client.flushall()


# The product in processes of its own, and a browser


@pytest.fixture(scope="session")
def static_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where static files are collected, once for every console of this run."""
    return tmp_path_factory.mktemp("static")


@pytest.fixture(scope="module")
def console(backend: str, static_root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Console]:
    """The product on a fresh database: one process on SQLite, two on PostgreSQL with Redis. Shared by a module's tests."""
    postgres_url = os.environ["DATABASE_URL"] if backend == "servers" else None
    folder = tmp_path_factory.mktemp("console")
    with start_console(folder, static_root, postgres_url, processes=2 if postgres_url else 1) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """A headless Chromium. While it is open the ORM refuses to work in this thread: such tests talk to a ``console``.

    It lives no longer than a module, because asyncio tests cannot run beside Playwright's loop.
    """
    from playwright.sync_api import sync_playwright

    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        raise RuntimeError("No Chromium is installed; make test says how to install it.")
    flags = [*CHROMIUM_FLAGS, "--no-sandbox"] if os.getuid() == 0 else CHROMIUM_FLAGS
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, headless=True, args=flags)
        yield opened
        opened.close()


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """A fresh tab with no cookies, 1440 by 900."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


# The fixed cast


def person(name: str, role: str, *teams: "Team") -> "Operator":
    from callcenter.operators.people import add_person

    return add_person(name, role, PASSWORD, [team.name for team in teams])


@pytest.fixture
def north(db: None) -> "Team":
    from callcenter.operators.people import team_named

    return team_named("North")


@pytest.fixture
def south(db: None) -> "Team":
    from callcenter.operators.people import team_named

    return team_named("South")


@pytest.fixture
def supervisor(north: "Team", south: "Team") -> "Operator":
    """Of both teams."""
    return person("sofia", "supervisor", north, south)


@pytest.fixture
def oskar(north: "Team") -> "Operator":
    """An operator of the north."""
    return person("oskar", "operator", north)


@pytest.fixture
def ines(south: "Team") -> "Operator":
    """An operator of the south: the stranger to everything northern."""
    return person("ines", "operator", south)


@pytest.fixture
def reviewer(north: "Team") -> "Operator":
    """Of the north; may look, not act."""
    return person("rita", "reviewer", north)


@pytest.fixture
def admin(db: None) -> "Operator":
    """Sees every team without being in one."""
    return person("ada", "admin")
