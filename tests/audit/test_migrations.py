"""Migrations that carry the event log over from an earlier version."""

CODE = """
import datetime, json
from django.core.management import call_command
from django.db import connection, transaction
from highground.audit.actions import record, verify
from highground.audit.chain import START, event_hash
from highground.audit.triggers import missing_triggers

call_command("migrate", "audit", "0001", verbosity=0)
old = dict(sequence=1, at=datetime.datetime(2024, 6, 18, 9, tzinfo=datetime.UTC), kind="people.import", by="7",
           subject_kind="source", subject_id="3", area_path="0001", data={"rows": 1}, previous=START)
proof = event_hash(**old)
columns = [*old, "hash"]
values = [json.dumps(value) if isinstance(value, dict) else value for value in (*old.values(), proof)]
with transaction.atomic(), connection.cursor() as cursor:
    marks = ", ".join(["%s"] * len(columns))
    cursor.execute(f'INSERT INTO audit_event ({", ".join(columns)}) VALUES ({marks})', values)
    cursor.execute("DELETE FROM audit_chainhead")
    cursor.execute("INSERT INTO audit_chainhead (id, sequence, hash) VALUES (1, 1, %s)", [proof])
call_command("migrate", verbosity=0)
print(*missing_triggers(connection), verify())
with transaction.atomic():
    record("people.move_household", by="7", subject_kind="household", subject_id="1", area_path="0001", also_in=["0002"])
print(verify().faults, verify().events)
"""


def test_events_from_before_there_were_several_areas_stay_proven(new_office) -> None:
    first, then = new_office(migrated=True).python(CODE).splitlines()
    assert first.startswith("Verification(events=1,")
    assert first.endswith("faults=[])")
    assert then == "[] 2"
