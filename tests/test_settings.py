"""Settings come from the environment, and a typo is an error that says what to write instead."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from callcenter import environment
from tests.servers import ROOT

PRINT = "import json, callcenter.settings as s; print(json.dumps({name: str(getattr(s, name, None)) for name in %r}))"


def load(names: list[str], **env: str) -> dict[str, str]:
    """The named settings, as text, of a process with exactly this environment."""
    clean = {"PATH": os.environ["PATH"], "SECRET_KEY": "k", "DATABASE_URL": "sqlite:////tmp/unused.sqlite3", **env}
    done = subprocess.run([sys.executable, "-c", PRINT % names], cwd=ROOT, env=clean, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ImproperlyConfigured(done.stderr.strip().splitlines()[-1])
    answer: dict[str, str] = json.loads(done.stdout)
    return answer


def test_without_any_setting_the_console_is_closed_local_and_in_process():
    found = load(["DEBUG", "ALLOWED_HOSTS", "PORT", "TIME_ZONE", "LANGUAGE_CODE", "REDIS_URL", "STALE_AFTER_S", "SESSION_COOKIE_SECURE"])
    assert found == {
        "DEBUG": "False",
        "ALLOWED_HOSTS": "['localhost', '127.0.0.1', '[::1]']",
        "PORT": "8000",
        "TIME_ZONE": "UTC",
        "LANGUAGE_CODE": "en",
        "REDIS_URL": "None",
        "STALE_AFTER_S": "120",
        "SESSION_COOKIE_SECURE": "False",
    }


def test_servers_are_taken_from_their_urls():
    found = load(
        ["DATABASES", "CHANNEL_LAYERS"], DATABASE_URL="postgres://me:secret@db.example:5433/floor", REDIS_URL="redis://cache.example:6380/1"
    )
    assert "'HOST': 'db.example'" in found["DATABASES"]
    assert "'PORT': 5433" in found["DATABASES"]
    assert "RedisPubSubChannelLayer" in found["CHANNEL_LAYERS"]


def test_behind_tls_cookies_are_secure():
    found = load(["SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"], SECURE="1")
    assert found == {"SESSION_COOKIE_SECURE": "True", "CSRF_COOKIE_SECURE": "True"}


def test_django_has_no_objection_to_the_settings_that_the_readme_names(tmp_path: Path):
    hosts = {"ALLOWED_HOSTS": "console.example.org", "CSRF_TRUSTED_ORIGINS": "https://console.example.org"}
    env = {"PATH": os.environ["PATH"], "VAR_DIR": str(tmp_path), "SECURE": "1", **hosts}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "ture"),
        ("SECURE", "maybe"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "80a"),
        ("PORT", "８０００"),
        ("ALLOWED_HOSTS", ""),
        ("ALLOWED_HOSTS", "https://console.example.org"),
        ("CSRF_TRUSTED_ORIGINS", "console.example.org"),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "mysql://me:hunter2@db/floor"),
        ("DATABASE_URL", "postgres://me:hunter2@db:port/floor"),
        ("DATABASE_URL", "postgres://me:hunter2@db"),
        ("DATABASE_URL", "sqlite://:memory:"),
        ("REDIS_URL", "localhost:6379"),
        ("REDIS_URL", "redis://:hunter2@"),
        ("TIME_ZONE", "Mars/Olympus"),
        ("TIME_ZONE", ""),
        ("LANGUAGE_CODE", "xx"),
        ("STALE_AFTER_S", "-5"),
        ("CHAT_IDLE_LIMIT_S", "1.5"),
    ],
)
def test_a_value_that_cannot_be_meant_is_refused_by_name_without_repeating_a_password(name: str, value: str):
    with pytest.raises(ImproperlyConfigured, match=name) as refusal:
        load(["DEBUG"], **{name: value})
    assert "it takes" in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_an_empty_host_list_is_fine_while_debugging():
    assert load(["ALLOWED_HOSTS"], DEBUG="1", ALLOWED_HOSTS="") == {"ALLOWED_HOSTS": "[]"}


def test_a_secret_key_is_made_once_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SECRET_KEY")
    file = tmp_path / "var" / "secret.key"
    key = environment.read_secret_key("SECRET_KEY", file)
    assert len(key) >= 50
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert environment.read_secret_key("SECRET_KEY", file) == key
    assert [entry.name for entry in file.parent.iterdir()] == ["secret.key"]


def test_a_secret_key_of_the_environment_writes_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SECRET_KEY", "from outside")
    assert environment.read_secret_key("SECRET_KEY", tmp_path / "secret.key") == "from outside"
    assert not list(tmp_path.iterdir())


@pytest.mark.django_db
def test_sqlite_runs_as_the_settings_promise(backend: str):
    if backend == "servers":
        assert connection.vendor == "postgresql"
        return
    with connection.cursor() as cursor:
        found = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "foreign_keys")}
    assert found == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1}
    assert connection.transaction_mode == "IMMEDIATE"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "command",
    [["manage.py", "serve"], ["manage.py", "migrate"], ["manage.py", "check"], ["-m", "daphne", "-p", "0", "callcenter.asgi:application"]],
)
def test_whoever_starts_the_console_with_a_typo_reads_one_sentence_and_no_traceback(command: list[str]):
    env = {"PATH": os.environ["PATH"], "SECRET_KEY": "k", "DATABASE_URL": "sqlite:////tmp/unused.sqlite3", "TIME_ZONE": "Mars/Olympus"}
    done = subprocess.run([sys.executable, *command], cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert done.stderr == "TIME_ZONE is 'Mars/Olympus'; it takes a name of the time zone database such as Europe/Madrid.\n"
    assert done.stdout == ""


def test_a_folder_that_cannot_be_written_is_said_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("SECRET_KEY")
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ImproperlyConfigured, match="VAR_DIR"):
        environment.read_secret_key("SECRET_KEY", tmp_path / "file" / "secret.key")
