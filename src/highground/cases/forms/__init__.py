"""The forms in which steps are taken: one for each form of step that is taken on a page of its own."""

from highground.cases.forms.base import StepForm
from highground.cases.forms.comparison import ComparisonForm
from highground.cases.forms.decision import DecisionForm
from highground.cases.forms.family import ApplicationForm, FamilyForm
from highground.cases.forms.village import AssignmentForm, EmergencyForm
from highground.cases.forms.visit import FollowUpForm, VisitForm
from highground.methods.rules.procedure.graph import Through

FORMS: dict[Through, type[StepForm]] = {
    Through.ASSIGNMENT: AssignmentForm,
    Through.VISIT: VisitForm,
    Through.APPLICATION: ApplicationForm,
    Through.COMPARISON: ComparisonForm,
    Through.DECISION: DecisionForm,
    Through.FAMILY: FamilyForm,
    Through.FOLLOW_UP: FollowUpForm,
    Through.EMERGENCY: EmergencyForm,
}
"""What is not here is taken for many households at once, or in a room above."""

__all__ = ["FORMS", "StepForm"]
