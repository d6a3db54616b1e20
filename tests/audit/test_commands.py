"""`highground audit verify` in a process of its own."""

RECORD = """
from django.db import transaction
from highground.audit.actions import record
with transaction.atomic():
    record("test.write", by="7", subject_kind="line", subject_id="1")
    record("test.write", by="7", subject_kind="line", subject_id="2")
"""
TAMPER = """
from django.db import connection
with connection.cursor() as cursor:
    if connection.vendor == "postgresql":
        cursor.execute("DROP TRIGGER audit_event_no_change ON audit_event")
    else:
        cursor.execute("DROP TRIGGER audit_event_no_update")
    cursor.execute("UPDATE audit_event SET kind = 'test.other' WHERE sequence = 1")
"""


def test_verify_prints_the_head_and_finds_tampering(new_office) -> None:
    office = new_office()
    office.run("migrate")
    assert office.run("audit", "verify").stdout.startswith("0 events, unbroken; head 0:000")
    office.python(RECORD)
    said = office.run("audit", "verify").stdout
    assert said.startswith("2 events, unbroken; head 2:")
    head = said.split("head ")[1].strip()
    office.run("audit", "verify", "--noted", head)
    office.run("audit", "verify", "--noted", "2:" + "a" * 64, exit_code=1)
    office.run("audit", "verify", "--noted", "nonsense", exit_code=2)
    office.python(TAMPER)
    found = office.run("audit", "verify", exit_code=1).stdout
    assert "FAULT trigger audit_event_no_" in found
    assert "FAULT event 1: content and hash do not agree" in found
