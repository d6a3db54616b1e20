"""The ground of all tests.

Every run has a home folder of its own, so that no test can touch an installation. `--database` says where
the database tests run: on SQLite (default), on PostgreSQL, or on both at the same time.

Fixtures for every room: `shared_data`, `browser`, `page` and `console` (tests/support/browser.py), `new_office`
(a separate installation with the command line), `on_the_day` (tests/support/homes.py), and pytest-django's
own. After a test that commits, the database goes back to what it held after migrating (tests/support/template.py).
"""

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import parts, postgres
from tests.support.browser import browser, console, page
from tests.support.homes import on_the_day
from tests.support.office import Offices
from tests.support.sharing import Sharing, is_shared
from tests.support.twin import Recorder, Twin, belongs

__all__ = ["browser", "console", "on_the_day", "page"]

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "data"
CLUSTER = pytest.StashKey[postgres.Cluster]()
TWIN = pytest.StashKey[Twin]()
SHARING = "sharing"
GIVEN_URL = os.environ.get("DATABASE_URL", "")


def _stand_alone() -> None:
    """Give this process a home of its own before the settings are read."""
    if "django.conf" in sys.modules and sys.modules["django.conf"].settings.configured:
        raise pytest.UsageError(
            "unset DJANGO_SETTINGS_MODULE: the tests set it, after making a home of their own"
        )
    home = tempfile.mkdtemp(prefix="highground-test-")
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ["HIGHGROUND_HOME"] = home
    os.environ["DJANGO_SETTINGS_MODULE"] = "highground.settings"
    os.environ.pop("DATABASE_URL", None)


_stand_alone()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the database tests run."""
    group = parser.getgroup("highground")
    group.addoption("--database", choices=["sqlite", "postgres", "both"], default="sqlite")
    group.addoption(
        "--twin-reports", type=Path, help="(internal) where the PostgreSQL run writes its results"
    )


def _postgres_url(config: pytest.Config) -> str:
    """The URL of the PostgreSQL to use: the given one, else a throwaway cluster's."""
    if GIVEN_URL.startswith(("postgres://", "postgresql://")):
        return GIVEN_URL
    cluster = postgres.Cluster().start()
    config.stash[CLUSTER] = cluster
    return cluster.url()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Point the settings at the database of this run, before pytest-django reads them."""
    reports = config.getoption("--twin-reports")
    if reports:
        recorder = Recorder(config, reports)
        config.pluginmanager.register(recorder)
        config.pluginmanager.register(Sharing(recorder.marks), SHARING)
    if config.getoption("--database") == "postgres":
        try:
            os.environ["DATABASE_URL"] = _postgres_url(config)
        except postgres.Unavailable as problem:
            raise pytest.UsageError(str(problem)) from problem
    from django.conf import settings

    assert settings.DATABASES  # read now: pytest-django sets Django up only when it finds the settings loaded


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the run on PostgreSQL beside this one."""
    config = session.config
    if config.getoption("--database") != "both" or config.getoption("collectonly"):
        return
    try:
        url = _postgres_url(config)
    except postgres.Unavailable as problem:
        parts.note_absent("postgres", f"{problem}; the database tests ran on SQLite only")
    else:
        config.stash[TWIN] = twin = Twin(config, {"DATABASE_URL": url})
        config.pluginmanager.register(Sharing(twin.marks), SHARING)


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Iterator[None]:
    """Run the tests, then read in what the run on PostgreSQL found."""
    result = yield
    if twin := session.config.stash.get(TWIN, None):
        twin.join(session)
    return result


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave nothing running."""
    if twin := config.stash.get(TWIN, None):
        twin.stop()
    if cluster := config.stash.get(CLUSTER, None):
        cluster.stop()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests that belong to this run's database."""
    database = config.getoption("--database")
    sharing = config.pluginmanager.has_plugin(SHARING)
    kept = [item for item in items if belongs(item, database) or (sharing and is_shared(item))]
    if out := set(items) - set(kept):
        config.hook.pytest_deselected(items=list(out))
        items[:] = kept
    if database == "sqlite":
        for item in items:
            if item.get_closest_marker("postgres_only"):
                item.add_marker(pytest.mark.skip(reason="needs PostgreSQL: --database=postgres"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which real parts were absent, before pytest's own last line."""
    if parts.absent:
        terminalreporter.section("Skipped parts")
        for part, reason in sorted(parts.absent.items()):
            terminalreporter.write_line(f"{part}: {reason}")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> None:
    """On SQLite use a file, as an installation does: WAL and locks differ in memory."""
    from django.conf import settings

    default = settings.DATABASES["default"]
    if default["ENGINE"].endswith("sqlite3"):
        default.setdefault("TEST", {})["NAME"] = str(Path(os.environ["HIGHGROUND_HOME"]) / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """The migrated database, put back after each test that commits instead of being flushed."""
    from django.test import TransactionTestCase

    from tests.support.template import Template

    with django_db_blocker.unblock():
        migrated = Template().save()
    flush = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda self: migrated.restore()
    yield
    TransactionTestCase._fixture_teardown = flush
    with django_db_blocker.unblock():
        migrated.drop()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of shared data sets beside the repository; skips where it is absent."""
    if not SHARED.is_dir():
        parts.skip_without("shared", "there is no ../shared/data beside the repository")
    return SHARED


@pytest.fixture(scope="session")
def new_office(pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory) -> Offices:
    """Make separate installations: `new_office()` is empty, `new_office(migrated=True)` has its tables."""
    on_postgres = pytestconfig.getoption("--database") == "postgres"
    return Offices(
        lambda: tmp_path_factory.mktemp("office"), os.environ["DATABASE_URL"] if on_postgres else None
    )
