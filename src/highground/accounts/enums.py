"""Roles, and what each of them may see. The policy in words: `docs/explanation/access.md`."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """What a person is in an area, for a time. The household itself is the public: it has no account."""

    VILLAGE_WORKER = "village_worker", _("village worker")
    FIRST_SECRETARY = "first_secretary", _("first secretary")
    CONTACT_OFFICER = "contact_officer", _("household contact officer")
    TOWNSHIP_OFFICER = "township_officer", _("township officer")
    COUNTY_OFFICER = "county_officer", _("county officer")
    PROVINCE_OFFICER = "province_officer", _("province officer")
    ANALYST = "analyst", _("analyst")
    AUDITOR = "auditor", _("auditor")
    OPERATOR = "operator", _("administrator")
    CURATOR = "curator", _("curator of knowledge")
    ORGANISER = "organiser", _("forum organiser")


class Sight(TextChoices):
    """A kind of thing that can be seen. Every page and every scoped model stands behind exactly one."""

    HOUSEHOLDS = "households", _("households, their members, facts and clues")
    PROTECTED = "protected", _("names, numbers, and sensitive facts of single persons")
    CASES = "cases", _("cases, meetings, notices and what was said in them")
    OBJECTORS = "objectors", _("who objected or complained")
    BUDGETS = "budgets", _("budgets and payments")
    TEAMS = "teams", _("who is on which village work team")
    POSTINGS = "postings", _("candidates for work teams, and plans of who goes where")
    COUNTS = "counts", _("counts and pictures of an area")
    RULEBOOKS = "rulebooks", _("rulebooks and their sources")
    RUNS = "runs", _("screening runs")
    EVENTS = "events", _("the event log and the access log")
    ACCOUNTS = "accounts", _("accounts and the state of the system")
    QUESTIONS = "questions", _("questions to experts, and what came of them")
    CURATION = "curation", _("profiles and practices that wait for a curator")
    WORKS = "works", _("what villages have, build and earn, assistance projects and studies")
    FORUM = "forum", _("who takes part in a forum, its entries, reviews and programme")


_WATCHES = frozenset(
    {Sight.HOUSEHOLDS, Sight.CASES, Sight.TEAMS, Sight.COUNTS, Sight.RULEBOOKS, Sight.QUESTIONS, Sight.WORKS}
)
_GOES_THERE = _WATCHES | {Sight.PROTECTED}
_OVER_STAFF = frozenset({Sight.RUNS, Sight.OBJECTORS, Sight.BUDGETS, Sight.POSTINGS})

SEES: dict[Role, frozenset[Sight]] = {
    Role.VILLAGE_WORKER: _GOES_THERE,
    Role.FIRST_SECRETARY: _GOES_THERE,
    Role.CONTACT_OFFICER: _GOES_THERE,
    Role.TOWNSHIP_OFFICER: _GOES_THERE,
    Role.COUNTY_OFFICER: _GOES_THERE | _OVER_STAFF,
    Role.PROVINCE_OFFICER: _WATCHES | _OVER_STAFF,
    Role.ANALYST: frozenset({Sight.BUDGETS, Sight.COUNTS, Sight.RULEBOOKS, Sight.RUNS, Sight.WORKS}),
    Role.AUDITOR: frozenset({Sight.EVENTS, Sight.RULEBOOKS}),
    Role.OPERATOR: frozenset({Sight.ACCOUNTS, Sight.RULEBOOKS}),
    Role.CURATOR: frozenset({Sight.CURATION, Sight.RULEBOOKS}),
    Role.ORGANISER: frozenset({Sight.FORUM, Sight.RULEBOOKS}),
}
"""What is not listed here is not seen: the default is no."""

WITHOUT_AREA = frozenset({Role.AUDITOR, Role.OPERATOR, Role.CURATOR, Role.ORGANISER})
"""Roles that may be held for the whole installation, because they never open a household."""
