"""Tables of villages: what they have, what is built, who earns, which projects work there, and what studies found."""

from highground.works.models.industry import (
    Asset,
    AssetIncome,
    AssetTask,
    Earning,
    Enterprise,
    IndustryLink,
)
from highground.works.models.projects import (
    Component,
    Figure,
    GroupYear,
    Money,
    Partner,
    Project,
    ProjectSite,
    Reference,
    UserGroup,
    told,
)
from highground.works.models.services import Photo, ServiceReading, Spending, StageStep, Work, WorkCheck
from highground.works.models.studies import (
    CriterionNote,
    FrozenPlan,
    ReadingFile,
    Study,
    StudyIndicator,
    StudyReading,
    StudyVillage,
)

__all__ = [
    "Asset",
    "AssetIncome",
    "AssetTask",
    "Component",
    "CriterionNote",
    "Earning",
    "Enterprise",
    "Figure",
    "FrozenPlan",
    "GroupYear",
    "IndustryLink",
    "Money",
    "Partner",
    "Photo",
    "Project",
    "ProjectSite",
    "ReadingFile",
    "Reference",
    "ServiceReading",
    "Spending",
    "StageStep",
    "Study",
    "StudyIndicator",
    "StudyReading",
    "StudyVillage",
    "UserGroup",
    "Work",
    "WorkCheck",
    "told",
]
