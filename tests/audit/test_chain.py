"""The event log: what it takes in, and that nothing in it can be changed unseen."""

import datetime
import threading

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction

from highground.audit.actions import OutsideTransaction, log_access, record, verify
from highground.audit.chain import START, NotPlain, check_plain, event_hash, salted
from highground.audit.models import AccessLog, ChainHead, Event
from highground.audit.triggers import guard, missing_triggers

UPDATE = "UPDATE audit_event SET data = '{\"rows\": 9}' WHERE sequence = 2"
DELETE = "DELETE FROM audit_event WHERE sequence = 2"


def three_events() -> list[Event]:
    with transaction.atomic():
        return [
            record(
                "people.import",
                by="7",
                subject_kind="source",
                subject_id=str(number),
                area_path="00010002",
                data={
                    "rows": number,
                    "hash": salted("Wei Lan"),
                    "day": "2024-06-18",
                    "nested": [1, None, True],
                },
            )
            for number in (1, 2, 3)
        ]


def run_sql(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def without_triggers(*statements: str) -> None:
    """What somebody with the database in their hands can do."""
    with transaction.atomic(), connection.cursor() as cursor:
        for name in everything_that_guards():
            on_table = " ON audit_event" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER {name}{on_table}")
        for statement in statements:
            cursor.execute(statement)
        guard(connection)


def everything_that_guards() -> list[str]:
    if connection.vendor == "postgresql":
        return ["audit_event_no_change", "audit_event_no_truncate"]
    return ["audit_event_no_delete", "audit_event_no_replace", "audit_event_no_update"]


@pytest.mark.django_db
def test_events_are_chained_and_the_chain_is_sound() -> None:
    first, second, third = three_events()
    assert (first.sequence, first.previous) == (1, START)
    assert (second.previous, third.previous) == (first.hash, second.hash)
    found = verify()
    assert (found.events, found.faults, found.head) == (3, [], f"3:{third.hash}")


@pytest.mark.django_db
def test_the_hash_is_what_the_documentation_says() -> None:
    """An independent computation over the canonical JSON, written out by hand."""
    import hashlib

    at = datetime.datetime(2024, 6, 18, 9, 30, 0, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=8)))
    canonical = (
        '{"area_path":"0001","at":"2024-06-18T01:30:00.000005+00:00","by":"7","data":{"a":1,"b":[null,true]},'
        f'"kind":"people.import","previous":"{START}","sequence":1,"subject_id":"3","subject_kind":"source"}}'
    )
    assert (
        event_hash(
            sequence=1,
            at=at,
            kind="people.import",
            by="7",
            subject_kind="source",
            subject_id="3",
            area_path="0001",
            data={"b": [None, True], "a": 1},
            previous=START,
        )
        == hashlib.sha256(canonical.encode()).hexdigest()
    )


@pytest.mark.django_db
def test_an_event_of_several_areas_says_so_in_its_hash() -> None:
    with transaction.atomic():
        moved, alone = (
            record("x.move", by="7", subject_kind="x", subject_id="1", area_path="0002", also_in=others)
            for others in (["0003", "0001", "0002", "", "0003"], ["0002"])
        )
    assert (moved.also_in, moved.areas) == ("/0001/0003", ["0002", "0001", "0003"])
    assert (alone.also_in, alone.areas) == ("", ["0002"])
    assert verify().sound
    without_triggers("UPDATE audit_event SET also_in = '/0001' WHERE sequence = 1")
    assert verify().faults == ["event 1: content and hash do not agree"]


@pytest.mark.parametrize(
    "data",
    [
        {"name": "Wei Lan"},
        {"name": "韦兰"},
        {"amount": 1.5},
        {"Wei Lan": 1},
        {"deep": [{"reason": "sold the buffalo first"}]},
        {"text": "x" * 201},
        {"day": datetime.date(2024, 6, 18)},
    ],
)
@pytest.mark.django_db
def test_personal_values_and_fractions_are_refused(data) -> None:
    with pytest.raises(NotPlain), transaction.atomic():
        record("people.import", by="7", subject_kind="source", subject_id="1", data=data)
    assert Event.objects.count() == 0


def test_the_fault_names_the_place() -> None:
    with pytest.raises(NotPlain, match=r"data\.deep\[0\]\.reason"):
        check_plain({"deep": [{"reason": "two words"}]})


@pytest.mark.django_db(transaction=True)
def test_an_event_needs_a_transaction() -> None:
    with pytest.raises(OutsideTransaction):
        record("people.import", by="7", subject_kind="source", subject_id="1")
    assert Event.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_an_event_falls_with_its_action() -> None:
    three_events()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        record("people.import", by="7", subject_kind="source", subject_id="4")
        raise ZeroDivisionError
    assert verify().events == 3
    assert ChainHead.objects.get().sequence == 3


@pytest.mark.django_db
@pytest.mark.parametrize("statement", [UPDATE, DELETE, "DELETE FROM audit_event"])
def test_the_database_refuses_to_change_an_event(statement: str) -> None:
    three_events()
    with pytest.raises(DatabaseError, match="only ever added"):
        run_sql(statement)
    assert verify().sound


@pytest.mark.django_db
def test_the_models_refuse_as_well() -> None:
    event = three_events()[1]
    event.kind = "people.nothing"
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        event.save()
    with pytest.raises(DatabaseError, match="only ever added"), transaction.atomic():
        Event.objects.all().delete()
    assert verify().events == 3


@pytest.mark.sqlite_only
@pytest.mark.django_db
def test_sqlite_refuses_insert_or_replace() -> None:
    three_events()
    with pytest.raises(DatabaseError, match="replace refused"):
        run_sql("INSERT OR REPLACE INTO audit_event SELECT * FROM audit_event WHERE sequence = 2")


@pytest.mark.postgres_only
@pytest.mark.django_db
def test_postgresql_refuses_truncate() -> None:
    three_events()
    with pytest.raises(DatabaseError, match="truncate refused"):
        run_sql("TRUNCATE audit_event")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        (UPDATE, "event 2: content and hash do not agree"),
        ("UPDATE audit_event SET \"by\" = '8' WHERE sequence = 2", "event 2: content and hash do not agree"),
        (
            "UPDATE audit_event SET at = '2020-01-01 00:00:00+00:00' WHERE sequence = 3",
            "event 3: content and hash",
        ),
        (DELETE, "event 2 is missing before event 3"),
        ("DELETE FROM audit_event WHERE sequence = 3", "the head says 3 events, the chain ends at 2"),
        ("UPDATE audit_chainhead SET sequence = 2", "the head says 2 events, the chain ends at 3"),
        ("DELETE FROM audit_chainhead", "the head says 0 events, the chain ends at 3"),
    ],
)
def test_tampering_with_the_triggers_off_is_found(statement: str, fault: str) -> None:
    three_events()
    without_triggers(statement)
    found = verify()
    assert not found.sound
    assert any(line.startswith(fault) for line in found.faults), found.faults


@pytest.mark.django_db(transaction=True)
def test_a_rewritten_end_is_found_with_the_noted_head() -> None:
    """Cutting the end off and mending the head leaves a sound chain: only the noted head shows it."""
    _first, second, third = three_events()
    without_triggers(
        "DELETE FROM audit_event WHERE sequence = 3",
        f"UPDATE audit_chainhead SET sequence = 2, hash = '{second.hash}'",
    )
    assert verify().sound
    assert verify((3, third.hash)).faults == ["event 3 was noted but is gone"]
    with transaction.atomic():
        record("people.import", by="8", subject_kind="source", subject_id="3")
    assert verify().sound
    assert verify((3, third.hash)).faults == ["event 3: not the hash that was noted"]
    assert verify((2, second.hash)).sound


@pytest.mark.django_db(transaction=True)
def test_a_missing_trigger_is_reported_and_made_again_by_migrate() -> None:
    name = everything_that_guards()[0]
    on_table = " ON audit_event" if connection.vendor == "postgresql" else ""
    run_sql(f"DROP TRIGGER {name}{on_table}")
    assert missing_triggers(connection) == [name]
    assert verify().faults == [f"trigger {name} is missing"]
    assert [fault.id for fault in run_checks(databases=["default"])] == ["audit.W001"]
    call_command("migrate", verbosity=0, interactive=False)
    assert missing_triggers(connection) == []
    assert run_checks(databases=["default"]) == []


@pytest.mark.sqlite_only
@pytest.mark.django_db(transaction=True)
def test_an_altered_trigger_counts_as_missing() -> None:
    run_sql("DROP TRIGGER audit_event_no_update")
    run_sql("CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event BEGIN SELECT 1; END")
    assert missing_triggers(connection) == ["audit_event_no_update"]
    guard(connection)
    three_events()
    with pytest.raises(DatabaseError, match="only ever added"):
        run_sql(UPDATE)


@pytest.mark.postgres_only
@pytest.mark.django_db(transaction=True)
def test_a_disabled_trigger_or_an_emptied_function_counts_as_missing() -> None:
    run_sql("ALTER TABLE audit_event DISABLE TRIGGER audit_event_no_change")
    assert missing_triggers(connection) == ["audit_event_no_change"]
    guard(connection)
    run_sql(
        "CREATE OR REPLACE FUNCTION audit_event_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN NEW; END $$"
    )
    assert len(missing_triggers(connection)) == 2
    guard(connection)
    three_events()
    with pytest.raises(DatabaseError, match="only ever added"):
        run_sql(UPDATE)


@pytest.mark.django_db(transaction=True)
def test_writers_at_the_same_time_make_one_chain() -> None:
    each, writers = 5, 4
    ready = threading.Barrier(writers)
    troubles: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            ready.wait()
            for number in range(each):
                with transaction.atomic():
                    record("test.write", by=str(writer), subject_kind="line", subject_id=str(number))
        except BaseException as trouble:
            troubles.append(trouble)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=[writer]) for writer in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert troubles == []
    assert (verify().events, verify().faults) == (each * writers, [])


@pytest.mark.django_db
def test_who_looked_is_kept_outside_the_chain() -> None:
    log_access(
        by="7", page="people:household", subject_kind="household", subject_id="H7K2-93QD", area_path="0001"
    )
    assert AccessLog.objects.values_list("by", "page", "subject_id").get() == (
        "7",
        "people:household",
        "H7K2-93QD",
    )
    assert Event.objects.count() == 0


def test_salted_depends_on_the_key_and_not_on_the_process(settings) -> None:
    first = salted("Wei Lan")
    assert first == salted("Wei Lan")
    assert "Wei" not in first
    assert first != salted("Wei Lam")
    settings.SECRET_KEY = "another"
    assert salted("Wei Lan") != first
