"""In each village a work with a photo, an enterprise, an asset, a project and a study, under a name of its own."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from PIL import Image

from highground.accounts.enums import Sight
from highground.areas.models import Area
from highground.files.uploads import keep_upload
from highground.works.enums import PartnerRole
from highground.works.models import (
    Asset,
    Enterprise,
    Partner,
    Photo,
    Project,
    ProjectSite,
    Study,
    StudyIndicator,
    StudyVillage,
    Work,
)
from tests.support.places import LONG_AGO
from tests.support.register import TODAY


def build(villages: Mapping[str, tuple[Area, str]]) -> dict[str, dict[str, Any]]:
    """For each village (its area, its name): what addresses of its works are made of."""
    return {code: _build(area, built(name)) for code, (area, name) in villages.items()}


def built(name: str) -> str:
    """What everything is called that stands in a village."""
    return f"Built in {name}"


def _build(area: Area, name: str) -> dict[str, Any]:
    project: Project = Project.objects.create(
        code=f"project-{area.code.lower()}", country="CN", title={"en": name}, starts=LONG_AGO
    )
    Partner.objects.create(project=project, name={"en": name}, country="CN", role=PartnerRole.IMPLEMENTING)
    ProjectSite.objects.create(project=project, area=area)
    work: Work = Work.objects.create(area=area, service="water", title=name, currency="CNY", by="test")
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "green").save(file, "JPEG")
    upload = keep_upload(
        file, area_path=area.path, kind="work", by="test", today=TODAY, behind=Sight.WORKS.value
    )
    photo = Photo.objects.create(work=work, upload=upload, taken="before", day=TODAY, caption=name, by="test")
    enterprise = Enterprise.objects.create(
        area=area, name=name, kind="workshop", owner="members", since=LONG_AGO, by="test"
    )
    asset = Asset.objects.create(
        area=area, code=f"asset-{area.code}", name=name, kind="public", funds="county", cost=1, currency="CNY",
        owner="village", keeper="village", since=LONG_AGO, state_since=LONG_AGO, by="test",
    )  # fmt: skip
    study = Study.objects.create(made_in=area, title=name, question="Does it?", made_on=TODAY, by="test")
    StudyVillage.objects.create(study=study, area=area, treated=True)
    StudyIndicator.objects.create(
        study=study, code="income", label="Income", unit="yuan", source="survey", main=True
    )
    return {
        "building": work.pk, "photo": photo.pk, "enterprise": enterprise.pk, "asset": asset.pk, "project": project.code,
        "study": study.pk,
    }  # fmt: skip
