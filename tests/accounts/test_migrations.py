"""Migrations that carry accounts over from an earlier version."""

CODE = """
from django.core.management import call_command
from django.db import connection
from highground.accounts.models import Grant, User

def roles():
    with connection.cursor() as cursor:
        cursor.execute("SELECT u.username, g.role FROM accounts_grant g JOIN accounts_user u ON u.id = g.user_id ORDER BY 1")
        return cursor.fetchall()

call_command("migrate", "accounts", "0002", verbosity=0)
for name, role in (("a", "village_worker"), ("b", "first_secretary"), ("c", "contact_officer"), ("d", "auditor")):
    user = User.objects.create(username=name)
    where = {} if role == "auditor" else {"target_kind": "project", "target_id": "1"}
    Grant.objects.create(user=user, role=role, valid_from="2024-01-01", **where)
call_command("migrate", "accounts", "0001", verbosity=0)
print(roles())
call_command("migrate", verbosity=0)
print(roles())
"""


def test_the_village_team_becomes_village_workers(new_office) -> None:
    before, now = new_office(migrated=True).python(CODE).splitlines()
    team = "('a', 'village_team'), ('b', 'village_team'), ('c', 'village_team')"
    assert before == f"[{team}, ('d', 'auditor')]"
    assert now == f"[{team.replace('team', 'worker')}, ('d', 'auditor')]"
