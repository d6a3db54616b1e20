"""The settings of one installation, all of them read from the environment.

Everything that is stored lives under one folder, `HIGHGROUND_HOME`. The variables are described in
`docs/reference/settings.md`; a new installation needs none of them.
"""

import os
import secrets
from pathlib import Path

import dj_database_url
import django.conf.locale
from csp.constants import NONE, SELF

PACKAGE = Path(__file__).resolve().parent


def _flag(name: str) -> bool:
    """True when the variable is set to 1, yes, true or on."""
    return os.environ.get(name, "").strip().lower() in {"1", "yes", "true", "on"}


def _words(name: str, default: str = "") -> list[str]:
    """The comma-separated words of a variable, blanks dropped."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def _megabytes(name: str, default: int) -> int:
    """The bytes of a variable that is given in megabytes."""
    return int(os.environ.get(name) or default) * 1_000_000


def _secret_key(home: Path) -> str:
    """The signing key: from the environment, else from a file that only its owner can read.

    The file is made on first use. It is linked into place once it is complete, so that two
    processes that start together agree on one key.
    """
    if given := os.environ.get("SECRET_KEY"):
        return given
    path = home / "secret_key"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = home / f".secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


HIGHGROUND_HOME = Path(os.environ.get("HIGHGROUND_HOME") or ".highground").expanduser().resolve()
SYNTHETIC_MARK = HIGHGROUND_HOME / "synthetic"
"""While this file exists every page says that all people and figures are synthetic."""

DEBUG = _flag("DEBUG")
SECRET_KEY = _secret_key(HIGHGROUND_HOME)
ALLOWED_HOSTS = _words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
HTTPS = _flag("HIGHGROUND_HTTPS")
BEHIND_PROXY = _flag("HIGHGROUND_BEHIND_PROXY")
"""Trust the forwarded headers; set it only where a proxy of your own writes them."""

# --- Apps ---------------------------------------------------------------------------------------

_ROOMS = [
    "web", "audit", "files", "areas", "accounts", "people", "signals", "cases", "support", "rounds", "teams",
    "works", "knowledge", "outbox", "forum", "field",
    "home",
]  # fmt: skip
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    *(f"highground.{room}" for room in _ROOMS),
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "highground.web.middleware.NotKept",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "highground.urls"
WSGI_APPLICATION = "highground.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "highground.web.shell.context",
                "highground.accounts.shell.context",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
FORM_RENDERER = "highground.web.forms.PlainRenderer"

# --- Publishing projects (IATI) -----------------------------------------------------------------

IATI_REPORTER = os.environ.get("HIGHGROUND_IATI_REPORTER", "")
IATI_REPORTER_NAME = os.environ.get("HIGHGROUND_IATI_REPORTER_NAME", "")
IATI_REPORTER_TYPE = os.environ.get("HIGHGROUND_IATI_REPORTER_TYPE", "10")

# --- Department feeds ---------------------------------------------------------------------------

FEEDS = Path(os.environ["HIGHGROUND_FEEDS"]) if os.environ.get("HIGHGROUND_FEEDS") else None
"""A file of feeds of one's own, in place of those that ship."""

# --- Storage ------------------------------------------------------------------------------------

SEARCH_BY_MEANING = os.environ.get("HIGHGROUND_SEARCH_BY_MEANING", "1") != "0"
"""Whether search by meaning is used where a model is installed or named: one process holds it, in some 150 MB."""
EMBEDDING_MODEL = (
    Path(os.environ["HIGHGROUND_EMBEDDING_MODEL"]) if "HIGHGROUND_EMBEDDING_MODEL" in os.environ else None
)
"""A folder with a sentence-embedding model in ONNX form, in place of the one that the extra [search] brings."""

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": dj_database_url.config(
        default=f"sqlite:///{HIGHGROUND_HOME / 'db.sqlite3'}", conn_max_age=60, conn_health_checks=True
    )
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Writers take the write lock when their transaction begins: a reader that turns writer half-way
    # would fail at once with "database is locked" instead of waiting its turn.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000; PRAGMA temp_store=MEMORY;"
        ),
    }
elif DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
    # PostgreSQL compiles queries that it expects to be long: 100 ms more for an inbox that takes 160 without.
    # Options of the DATABASE_URL come after this, and so win.
    _given = DATABASES["default"].setdefault("OPTIONS", {})
    _given["options"] = f"-c jit=off {_given.get('options', '')}".strip()

STATIC_URL = "static/"
STATIC_ROOT = HIGHGROUND_HOME / "static"
_PUBLISHED = not DEBUG and (STATIC_ROOT / "staticfiles.json").exists()
WHITENOISE_USE_FINDERS = not _PUBLISHED
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if _PUBLISHED
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
}
FILE_UPLOAD_PERMISSIONS = 0o600
UPLOAD_LIMITS = {
    "image": _megabytes("HIGHGROUND_UPLOAD_IMAGE", 10),
    "audio": _megabytes("HIGHGROUND_UPLOAD_AUDIO", 15),
    "pdf": _megabytes("HIGHGROUND_UPLOAD_PDF", 10),
    "document": _megabytes("HIGHGROUND_UPLOAD_DOCUMENT", 10),
}
"""Bytes that a photo, a recording, a PDF or a text document may have."""

# --- Who may come in ----------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "display_name")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "accounts:sign_in"

SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "highground.web.pages.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}

# --- Languages and time -------------------------------------------------------------------------

# Django has no entry for Lao and Filipino.
django.conf.locale.LANG_INFO.update(
    {
        "lo": {"bidi": False, "code": "lo", "name": "Lao", "name_local": "ລາວ"},
        "fil": {"bidi": False, "code": "fil", "name": "Filipino", "name_local": "Filipino"},
    }
)
LOCALE_PATHS = [PACKAGE / "locale"]
PLANNED_LANGUAGES = ["en", "zh-hans", "th", "lo", "km", "my", "vi", "id", "ms", "fil", "ta"]


def _has_catalogue(code: str) -> bool:
    folder = {"zh-hans": "zh_Hans"}.get(code, code)
    return code == "en" or (LOCALE_PATHS[0] / folder / "LC_MESSAGES" / "django.mo").exists()


# A language is offered once somebody has written its catalogue.
LANGUAGES = [
    (code, django.conf.locale.LANG_INFO[code]["name"]) for code in PLANNED_LANGUAGES if _has_catalogue(code)
]
LANGUAGE_CODE = os.environ.get("HIGHGROUND_LANGUAGE", "en")
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
USE_I18N = True
USE_TZ = True
TIME_ZONE = os.environ.get("HIGHGROUND_TIME_ZONE", "Asia/Shanghai")

# --- Letters ------------------------------------------------------------------------------------

EMAIL_HOST = os.environ.get("HIGHGROUND_MAIL_HOST", "")
"""Without a mail server letters wait in the outbox."""
EMAIL_PORT = int(os.environ.get("HIGHGROUND_MAIL_PORT") or 587)
EMAIL_HOST_USER = os.environ.get("HIGHGROUND_MAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("HIGHGROUND_MAIL_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("HIGHGROUND_MAIL_TLS", "1") != "0"
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("HIGHGROUND_MAIL_FROM") or "highground@localhost"

# --- Logs ---------------------------------------------------------------------------------------

# A log line names times, routes, statuses and exception types; never a value that a person typed.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"plain": {"()": "highground.web.logs.WithoutPersonalData"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["plain"]},
    },
    "root": {"handlers": ["stderr"], "level": os.environ.get("HIGHGROUND_LOG_LEVEL", "WARNING")},
    "loggers": {
        "django": {"handlers": [], "level": "NOTSET", "propagate": True},
        "django.server": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
