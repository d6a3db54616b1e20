"""The ground that tests stand on holds: a test that commits leaves nothing behind for the next."""

import threading

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, connections

from tests.support.template import Template


def _labels() -> set[str]:
    return set(ContentType.objects.values_list("app_label", flat=True))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_what_a_test_commits_is_gone_in_the_next(turn: int) -> None:
    assert "left_behind" not in _labels()
    assert "contenttypes" in _labels()
    ContentType.objects.create(app_label="left_behind", model=f"turn{turn}")
    ContentType.objects.filter(app_label="contenttypes").delete()


@pytest.mark.django_db(transaction=True)
def test_a_seeded_state_can_be_put_back_while_another_thread_holds_a_connection() -> None:
    ContentType.objects.create(app_label="seeded", model="one")
    seeded = Template().save()
    opened, finish = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            connection.ensure_connection()
            opened.set()
            finish.wait(10)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    assert opened.wait(10)
    ContentType.objects.create(app_label="late", model="two")
    seeded.restore()
    finish.set()
    thread.join()
    assert "seeded" in _labels()
    assert "late" not in _labels()
    seeded.drop()


@pytest.mark.django_db(transaction=True)
@pytest.mark.sqlite_only
def test_the_test_database_is_a_file_with_a_write_ahead_log() -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone() == ("wal",)


@pytest.mark.django_db
@pytest.mark.postgres_only
def test_the_second_run_is_on_postgresql() -> None:
    assert connection.vendor == "postgresql"


def test_the_page_keeps_what_it_promises(page, live_server) -> None:
    page.goto("/")
    assert page.url.startswith(live_server.url)
    assert page.locator("h1").count() == 1
