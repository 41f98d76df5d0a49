"""Readers of environment variables that refuse what they do not understand.

django-environ parses; these functions add what it lets pass in silence: ``DEBUG=ture`` is an error here, not False.
Every reader raises ImproperlyConfigured with one sentence that names the variable and what it takes.
"""

import os
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import available_timezones

import environ
from cryptography.fernet import Fernet
from django.conf import global_settings
from django.core.exceptions import ImproperlyConfigured

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})
POSTGRES_SCHEMES = frozenset({"postgres", "postgresql"})
REDIS_SCHEMES = frozenset({"redis", "rediss", "unix"})


@contextmanager
def refused_in_words() -> Iterator[None]:
    """Where a process begins: a setting that cannot be meant ends it with that one sentence on stderr and exit code 2."""
    try:
        yield
    except ImproperlyConfigured as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(2) from None


def read_text(name: str, default: str) -> str:
    """A stripped text; set but empty counts as empty, not as unset."""
    return os.environ.get(name, default).strip()


def read_bool(name: str, default: bool) -> bool:
    word = read_text(name, "1" if default else "0").lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise ImproperlyConfigured(f"{name} is {word!r}; it takes 1, true, yes, on or 0, false, no, off.")


def read_int(name: str, default: int, low: int, high: int) -> int:
    """A whole number between low and high, both allowed."""
    text = read_text(name, str(default))
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise ImproperlyConfigured(f"{name} is {text!r}; it takes a whole number from {low} to {high}.")
    return int(text)


def read_list(name: str, default: str) -> list[str]:
    """Comma-separated words, without blanks."""
    return [word.strip() for word in read_text(name, default).split(",") if word.strip()]


def read_hosts(name: str, default: str, *, may_be_empty: bool) -> list[str]:
    """Host names for Django's ALLOWED_HOSTS: no scheme, no path."""
    hosts = read_list(name, default)
    if not hosts and not may_be_empty:
        raise ImproperlyConfigured(f"{name} is empty; it takes the host names that people type, separated by commas.")
    for host in hosts:
        if "/" in host or " " in host:
            raise ImproperlyConfigured(f"{name} holds {host!r}; it takes host names without scheme or path.")
    return hosts


def read_origins(name: str) -> list[str]:
    """Origins such as ``https://console.example.org``."""
    origins = read_list(name, "")
    for origin in origins:
        parts = urlsplit(origin)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path or parts.query:
            raise ImproperlyConfigured(f"{name} holds {origin!r}; it takes origins such as https://console.example.org.")
    return origins


def read_time_zone(name: str, default: str) -> str:
    zone = read_text(name, default)
    if zone not in available_timezones():
        raise ImproperlyConfigured(f"{name} is {zone!r}; it takes a name of the time zone database such as Europe/Madrid.")
    return zone


def read_language(name: str, default: str) -> str:
    language = read_text(name, default).lower()
    known = {code for code, _ in global_settings.LANGUAGES}
    if language not in known and language.split("-")[0] not in known:
        raise ImproperlyConfigured(f"{name} is {language!r}; it takes a language code that Django knows, such as en or es.")
    return language


def read_database(name: str, default_file: Path) -> dict[str, Any]:
    """One entry of DATABASES from a URL: sqlite:///FILE or postgres://USER:PASSWORD@HOST:PORT/NAME.

    A relative SQLite file counts from the current folder. The message of an error never repeats the URL: it may hold a password.
    """
    url = read_text(name, f"sqlite:///{default_file}")
    wanted = f"{name} is not readable; it takes sqlite:///FILE or postgres://USER:PASSWORD@HOST:PORT/NAME."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(wanted) from error
    is_sqlite = parts.scheme == "sqlite" and not parts.netloc and len(parts.path) > 1
    is_postgres = parts.scheme in POSTGRES_SCHEMES and port != 0 and len(parts.path) > 1
    if not (is_sqlite or is_postgres):
        raise ImproperlyConfigured(wanted)
    config: dict[str, Any] = environ.Env.db_url_config(url)
    return config


def read_redis_url(name: str) -> str | None:
    """The URL of a Redis server, or None when unset or empty."""
    url = read_text(name, "")
    if not url:
        return None
    wanted = f"{name} is not readable; it takes redis://HOST:PORT/NUMBER, rediss:// or unix:///SOCKET."
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(wanted) from error
    place = parts.path if parts.scheme == "unix" else parts.hostname
    if parts.scheme not in REDIS_SCHEMES or not place or port == 0:
        raise ImproperlyConfigured(wanted)
    return url


def read_secret_key(name: str, file: Path, fresh: str = "") -> str:
    """The key from the environment, else from a file that the first start writes for its owner alone; ``fresh``: what it writes."""
    key = os.environ.get(name, "").strip()
    if key:
        return key
    try:
        if not file.exists():
            _write_once(file, fresh or secrets.token_urlsafe(48))
        key = file.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(f"{file} cannot be used ({error.strerror}); set {name}, or VAR_DIR to a folder of your own.") from error
    if not key:
        raise ImproperlyConfigured(f"{file} is empty; delete it for a new key, or set {name}.")
    return key


def read_secrets_keys(name: str, file: Path) -> list[str]:
    """The keys under which secrets lie in the database, the newest first; without any, one from a file as for the secret key."""
    keys = read_list(name, "") or [read_secret_key(name, file, Fernet.generate_key().decode())]
    for number, key in enumerate(keys, 1):
        try:
            Fernet(key)
        except ValueError as error:
            raise ImproperlyConfigured(
                f"{name}: key {number} of {len(keys)} is none; it takes keys of 32 bytes in URL-safe base64, the newest first, with commas."
            ) from error
    return keys


def read_socket_url(name: str, default: str) -> str:
    """A base address such as ``ws://127.0.0.1:8000``, without a path."""
    url = read_text(name, default).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"ws", "wss"} or not parts.hostname or parts.path or parts.query or parts.username:
        raise ImproperlyConfigured(f"{name} is not readable; it takes ws://HOST:PORT or wss://HOST.")
    return url


def _write_once(file: Path, text: str) -> None:
    """Write a file (mode 0600) unless it exists; two processes that start together agree on one content."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    try:
        with os.fdopen(handle, "w") as stream:
            stream.write(text + "\n")
        os.link(draft, file)  # fails when the file exists, and never shows half of it
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()
