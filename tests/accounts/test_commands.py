"""`highground account add`: the first people of an installation."""

AREA = """
from highground.areas.models import Area
Area.objects.create(code="T1", country="CN", level="county", path="0001", depth=0, names={"en": "Longhe county"})
"""
SIGN_IN = """
from django.test import Client
answer = Client().post("/sign-in/", {"username": "weilan", "password": "four-stilts-and-a-roof"}, headers={"host": "localhost"})
print(answer.status_code)
"""


def test_a_person_is_added_and_may_sign_in(new_office) -> None:
    office = new_office(migrated=True)
    office.python(AREA)
    add = ["account", "add", "weilan", "--role", "county_officer", "--password", "four-stilts-and-a-roof"]
    assert "needs an area" in office.run(*add, exit_code=2).stderr
    assert "no area with the code T2" in office.run(*add, "--area", "T2", exit_code=2).stderr
    assert "Longhe county" in office.run(*add, "--area", "T1").stdout
    assert "already exists" in office.run(*add, "--area", "T1", exit_code=1).stderr
    assert office.python(SIGN_IN).strip() == "302"
    assert office.run("audit", "verify").stdout.startswith("3 events, unbroken")


def test_a_weak_password_is_refused_and_nobody_is_added(new_office) -> None:
    office = new_office(migrated=True)
    said = office.run("account", "add", "op", "--role", "operator", "--password", "12345678", exit_code=1)
    assert "too short" in said.stderr
    assert (
        office.python("from highground.accounts.models import User; print(User.objects.count())").strip()
        == "0"
    )
