"""Triggers that refuse to change or delete an event, on SQLite and PostgreSQL.

They are made again after every migrate (SQLite drops a table's triggers when it rebuilds the table).
"""

from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from highground.audit.models import Event

TABLE = Event._meta.db_table

# SQLite deletes the old row of an INSERT OR REPLACE without telling the delete trigger, hence the third.
_SQLITE = {
    "audit_event_no_update": f"""
        CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON {TABLE}
        BEGIN SELECT RAISE(ABORT, 'events are only ever added: update refused'); END""",
    "audit_event_no_delete": f"""
        CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON {TABLE}
        BEGIN SELECT RAISE(ABORT, 'events are only ever added: delete refused'); END""",
    "audit_event_no_replace": f"""
        CREATE TRIGGER audit_event_no_replace BEFORE INSERT ON {TABLE}
        WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE sequence = NEW.sequence OR hash = NEW.hash)
        BEGIN SELECT RAISE(ABORT, 'events are only ever added: replace refused'); END""",
}

_POSTGRESQL_FUNCTION = """
    CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'events are only ever added: % refused', lower(TG_OP); END $$"""
_POSTGRESQL = {
    "audit_event_no_change": f"""
        CREATE TRIGGER audit_event_no_change BEFORE UPDATE OR DELETE ON {TABLE}
        FOR EACH ROW EXECUTE FUNCTION audit_event_refuse()""",
    "audit_event_no_truncate": f"""
        CREATE TRIGGER audit_event_no_truncate BEFORE TRUNCATE ON {TABLE}
        FOR EACH STATEMENT EXECUTE FUNCTION audit_event_refuse()""",
}


def _wanted(connection: BaseDatabaseWrapper) -> dict[str, str]:
    wanted = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}.get(connection.vendor)
    if wanted is None:
        raise NotImplementedError(f"Highground runs on SQLite and PostgreSQL, not on {connection.vendor}")
    return wanted


def table_exists(connection: BaseDatabaseWrapper) -> bool:
    """Whether the event table has been made yet."""
    return TABLE in connection.introspection.table_names()


def missing_triggers(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of the triggers that should guard the event table, are absent, disabled or altered."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [TABLE]
            )
            found = {name for name, sql in cursor.fetchall() if _same(sql, _SQLITE.get(name, ""))}
        else:
            cursor.execute(
                "SELECT t.tgname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
                "WHERE t.tgrelid = to_regclass(%s) AND t.tgenabled IN ('O', 'A') AND NOT t.tgisinternal "
                "AND p.proname = 'audit_event_refuse' AND p.prosrc LIKE '%%RAISE EXCEPTION%%'",
                [TABLE],
            )
            found = {name for (name,) in cursor.fetchall()}
    return sorted(set(_wanted(connection)) - found)


def _same(one: str, other: str) -> bool:
    return one.split() == other.split()


def guard(connection: BaseDatabaseWrapper) -> None:
    """Make every missing trigger; replace an altered one."""
    missing = missing_triggers(connection)
    if not missing:
        return
    on_table = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(_POSTGRESQL_FUNCTION)
        for name in missing:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")
            cursor.execute(_wanted(connection)[name])


def guard_after_migrate(using: str = "default", **options: Any) -> None:
    """Receiver of `post_migrate`."""
    if table_exists(connections[using]):
        guard(connections[using])
