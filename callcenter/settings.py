"""Settings of the console. Every value an installation may change comes from the environment, read strictly."""

from pathlib import Path
from typing import Any

import django_stubs_ext

from callcenter.environment import (
    read_bool,
    read_database,
    read_hosts,
    read_int,
    read_language,
    read_origins,
    read_redis_url,
    read_secret_key,
    read_secrets_keys,
    read_socket_url,
    read_text,
    read_time_zone,
)

django_stubs_ext.monkeypatch()  # ModelAdmin[Call] and the like exist at run time too

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(read_text("VAR_DIR", str(BASE_DIR / "var"))).resolve()
DAY_S = 86_400

# The process and its address
DEBUG = read_bool("DEBUG", False)
SECRET_KEY = read_secret_key("SECRET_KEY", VAR_DIR / "secret.key")
ALLOWED_HOSTS = read_hosts("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]", may_be_empty=DEBUG)
CSRF_TRUSTED_ORIGINS = read_origins("CSRF_TRUSTED_ORIGINS")
PORT = read_int("PORT", 8000, 1, 65_535)
SECURE = read_bool("SECURE", False)

# Connections that we open: the keys of their secrets (the newest first), where the runner finds ingest, and how much
# of each connection may wait on disk
SECRETS_KEYS = read_secrets_keys("SECRETS_KEY", VAR_DIR / "secrets.key")
INGEST_URL = read_socket_url("INGEST_URL", f"ws://127.0.0.1:{PORT}")
SPOOL_LIMIT_MB = read_int("SPOOL_LIMIT_MB", 512, 1, 1_000_000)

# Rules about silence: a contact waits for an answer; a call without a signal is stale, then lost (providers' limits; 0 = no limit)
UNANSWERED_AFTER_S = read_int("UNANSWERED_AFTER_S", 30, 0, DAY_S)
STALE_AFTER_S = read_int("STALE_AFTER_S", 120, 1, DAY_S)
VOICE_MAX_DURATION_S = read_int("VOICE_MAX_DURATION_S", 600, 0, DAY_S)
VOICE_GRACE_S = read_int("VOICE_GRACE_S", 60, 0, DAY_S)
CHAT_IDLE_LIMIT_S = read_int("CHAT_IDLE_LIMIT_S", 1800, 0, 30 * DAY_S)

# People: seconds of wrap-up after a call (0 = until they say that they are ready), and without a browser until they
# lose what they hold
WRAP_UP_S = read_int("WRAP_UP_S", 60, 0, DAY_S)
AWAY_AFTER_S = read_int("AWAY_AFTER_S", 120, 30, DAY_S)

# Storage
DATABASES: dict[str, dict[str, Any]] = {"default": read_database("DATABASE_URL", VAR_DIR / "callcenter.sqlite3")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    Path(DATABASES["default"]["NAME"]).resolve().parent.mkdir(parents=True, exist_ok=True)
    # Channels closes around every call into the database; a connection that stays makes such a call eight times faster.
    DATABASES["default"]["CONN_MAX_AGE"] = None
    DATABASES["default"]["OPTIONS"] = {
        # A transaction that begins as a reader cannot wait for the write lock later: it fails at once.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # In WAL mode NORMAL survives the death of any process, and loses the newest commits only when the
        # machine itself loses power; FULL pays one disk flush for every commit. Pages changed by several commits of a
        # full centre are copied from the log once, because the log may grow to 16 MB before.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000; PRAGMA foreign_keys=ON; "
            "PRAGMA wal_autocheckpoint=4000"
        ),
    }
else:
    # Every request runs in a thread of its own: without a pool, a hundred browsers that reconnect at once would
    # ask for a hundred connections. The pool needs CONN_MAX_AGE 0, Django's default: closing gives back to it.
    # A restarted database leaves the pool full of dead connections: each is looked at when it is lent.
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {"min_size": 1, "max_size": 16, "timeout": 30}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = read_redis_url("REDIS_URL")
CHANNEL_LAYERS: dict[str, dict[str, Any]] = (
    {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer", "CONFIG": {"hosts": [REDIS_URL]}}}
    if REDIS_URL
    else {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
)

MEDIA_ROOT = Path(read_text("MEDIA_ROOT", str(VAR_DIR / "media")))
STATIC_ROOT = Path(read_text("STATIC_ROOT", str(VAR_DIR / "static")))
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# The application
INSTALLED_APPS = [
    "daphne",
    "channels",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "callcenter.operators",
    "callcenter.journal",
    "callcenter.calls",
    "callcenter.commands",
    "callcenter.console",
    "callcenter.ingest",
    "callcenter.live",
    "callcenter.api",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "callcenter.operators.browsers.NotePresence",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "callcenter.urls"
ASGI_APPLICATION = "callcenter.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

LANGUAGE_CODE = read_language("LANGUAGE_CODE", "en")
TIME_ZONE = read_time_zone("TIME_ZONE", "UTC")
USE_TZ = True
FORMAT_MODULE_PATH = "callcenter.formats"

# People
AUTH_USER_MODEL = "operators.Operator"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{rule}"}
    for rule in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"

# What the browser is told
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "media-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = SECURE
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "callcenter.operators.signing.csrf_failure"
CSRF_COOKIE_SECURE = SECURE
if SECURE:
    # The proxy in front must set this header itself and drop what a browser sent under its name.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 30 * DAY_S
    # `check --deploy` asks for three things that are the proxy's, and the domain owner's, to decide: W008, to redirect (the
    # runner and probes beside the server speak to it without TLS); W005 and W021, to promise TLS for other hosts of the domain.
    SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]

# Plain lines to stderr; no request bodies, no headers, so no tokens.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "filters": {"hooks": {"()": "callcenter.masking.HookFilter"}, "refusals": {"()": "callcenter.refusals.RefusalFilter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["hooks"]}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        # Django names the path of every refused request; masked here already, so also for handlers that others add.
        "django.request": {"filters": ["hooks", "refusals"]},
        "daphne": {"level": "WARNING"},
        # They name addresses, and a provider's may carry a token.
        "httpx": {"level": "WARNING"},
        "websockets": {"level": "ERROR"},
    },
}
