"""Return the test database to a remembered state without a flush.

The audit tables refuse deletes and truncates by trigger, and the migrations seed rows that a flush would
lose, so a test that commits (`django_db(transaction=True)`, `live_server`) cannot be cleaned up in Django's
usual way. Instead the freshly migrated database is remembered once and put back after such a test.

    seeded = Template().save()     # after seeding, in a module-wide fixture
    ...
    seeded.restore()
"""

import sqlite3
from typing import Self

from django.db import connection, connections


class Template:
    """A remembered state of the test database, on SQLite a copy in memory, on PostgreSQL a database."""

    _count = 0

    def __init__(self) -> None:
        Template._count += 1
        self._name = f"{connection.settings_dict['NAME']}_template_{Template._count}"
        self._copy: sqlite3.Connection | None = None

    def save(self) -> Self:
        """Remember what the database holds now. No transaction may be open."""
        assert not connection.in_atomic_block, "a state can only be remembered between transactions"
        if connection.vendor == "sqlite":
            connection.ensure_connection()
            self._copy = sqlite3.connect(":memory:", check_same_thread=False)
            connection.connection.backup(self._copy)
        else:
            self._replace(self._name, source=connection.settings_dict["NAME"])
        return self

    def restore(self) -> None:
        """Make the database hold what was remembered. Other threads' connections to it are cut."""
        assert not connection.in_atomic_block, "a state can only be put back between transactions"
        if self._copy is not None:
            # Through SQLite itself, not by copying files: a server thread may still hold the database open.
            connection.ensure_connection()
            self._copy.backup(connection.connection)
        else:
            self._replace(connection.settings_dict["NAME"], source=self._name)

    def drop(self) -> None:
        """Forget the remembered state."""
        if self._copy is not None:
            self._copy.close()
        else:
            with connection._nodb_cursor() as cursor:
                cursor.execute(f'DROP DATABASE IF EXISTS "{self._name}" WITH (FORCE)')

    def _replace(self, name: str, *, source: str) -> None:
        connections.close_all()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            # The source must have no other session while it is copied.
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()",
                [source],
            )
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"')
