"""A form from a phone in each village that waits for a person, with two values to choose between; and a form by others."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils import timezone

from highground.accounts.devices import issue_device
from highground.accounts.models import Device, User
from highground.field.forms.taking import take_in
from highground.field.models import Conflict, Submission
from highground.people.models import Household, Observation
from tests.support.phone import form
from tests.support.register import TODAY
from tests.support.workbooks import workbook


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
            sender=someone,
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
        found[code] = {
            "form": sent.pk,
            "conflict": conflict.pk,
            "taken": _asked_by_others(home, name, device),
        }
    return found


def _asked_by_others(home: Household, name: str, device: Device) -> int:
    """A survey for this village alone, and an answer to it; the number of the survey."""
    survey = [["type", "name", "label"], ["text", "said", "What was said"]]
    content = workbook(survey=survey, settings=[["form_id", "version"], ["survey", "1"]])
    taken = take_in(content, area=home.area, by="test", today=TODAY)
    Submission.objects.create(
        instance=f"uuid:survey-{name}",
        form=taken.form_id,
        taken_form=taken,
        xml=f'<data id="survey" version="1"><said>Said in {name}</said></data>',
        sender=device.user,
        device=device,
        household=home,
        area_path=home.area.path,
        state="applied",
        received_at=timezone.now(),
    )
    return taken.pk
