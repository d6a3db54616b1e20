"""A form from a phone in each village that waits for a person, with two values to choose between."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone

from highground.accounts.devices import issue_device
from highground.accounts.models import User
from highground.field.models import Conflict, Submission
from highground.people.models import Household, Observation
from tests.support.phone import form
from tests.support.register import TODAY


def phone_in(households: Mapping[str, tuple[str, Household]]) -> dict[str, dict[str, int]]:
    """For each village (its name, a household): the numbers of the form and of the conflict."""
    someone = User.objects.create(username="somebody with a phone")
    device = issue_device(someone, name="a phone", by="test", today=TODAY).device
    found = {}
    for code, (name, home) in households.items():
        sent = Submission.objects.create(
            instance=f"uuid:{code}",
            form="visit",
            xml=form(home, instance=f"uuid:{code}", note=f"By phone from {name}"),
            device=device,
            household=home,
            area_path=home.area.path,
            state="flagged",
            problems=[f"A problem in {name}"],
            received_at=timezone.now(),
        )
        seen = (
            Observation.objects.everywhere(reason="test")
            .filter(household=home, fact="income_wage_12m")
            .first()
        )
        conflict = Conflict.objects.create(
            submission=sent,
            household=home,
            fact="income_wage_12m",
            at_the_door="1",
            day=TODAY,
            at_the_office=seen,
        )
        found[code] = {"form": sent.pk, "conflict": conflict.pk}
    return found
