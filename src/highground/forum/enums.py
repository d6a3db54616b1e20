"""Choices of the forum."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ForumStatus(TextChoices):
    """How far a forum has come."""

    PLANNED = "planned", _("planned")
    OPEN = "open", _("registration is open")
    RUNNING = "running", _("under way")
    CLOSED = "closed", _("over")


class Gender(TextChoices):
    """As the person says."""

    WOMAN = "woman", _("woman")
    MAN = "man", _("man")
    UNSTATED = "unstated", _("not stated")


class Part(TextChoices):
    """What somebody is at the forum."""

    HEAD = "head", _("head of delegation")
    DELEGATE = "delegate", _("delegate")
    SPEAKER = "speaker", _("speaker")
    INTERPRETER = "interpreter", _("interpreter")
    OBSERVER = "observer", _("observer")
    STAFF = "staff", _("staff")


class TakingPart(TextChoices):
    """How far somebody's registration has come."""

    NOMINATED = "nominated", _("waits for an answer")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("not accepted")
    WITHDRAWN = "withdrawn", _("has withdrawn")


class Mode(TextChoices):
    """Where somebody is."""

    ROOM = "room", _("in the room")
    ONLINE = "online", _("on line")


class QuestionStatus(TextChoices):
    """What became of a question asked during a session."""

    WAITING = "waiting", pgettext_lazy("a question", "waits")
    ASKED = "asked", _("is being answered")
    DONE = "done", pgettext_lazy("a question", "answered")
    HIDDEN = "hidden", _("taken out")


class EntryStatus(TextChoices):
    """How far an entry of a call has come."""

    DRAFT = "draft", pgettext_lazy("an entry", "draft")
    SUBMITTED = "submitted", _("handed in")
    ACCEPTED = "accepted", pgettext_lazy("an entry", "accepted")
    WAITING = "waiting", _("on the waiting list")
    DECLINED = "declined", pgettext_lazy("an entry", "declined")
    WITHDRAWN = "withdrawn", _("withdrawn")


class ReviewStatus(TextChoices):
    """How far a review has come."""

    ASKED = "asked", pgettext_lazy("a review", "asked")
    DONE = "done", pgettext_lazy("a review", "done")
    CONFLICT = "conflict", _("conflict of interest")
    WITHDRAWN = "withdrawn", _("reviewer has withdrawn")


class Tie(TextChoices):
    """Why somebody must not judge an entry. Never weighed against anything."""

    EMPLOYER = "employer", _("employers of the last four years")
    COAUTHOR = "coauthor", _("co-authors of the last four years")
    SUPERVISOR = "supervisor", _("supervisors, and those supervised")
    FUNDER = "funder", _("funders of the work, and those funded")
    KIN = "kin", _("family and close friends")


class Criterion(TextChoices):
    """The four criteria of the solicitation of practices."""

    SUSTAINABLE = "sustainable", _("Sustainable: does it last when the project is over?")
    REPLICABLE = "replicable", _("Replicable: could another place do it?")
    PRACTICAL = "practical", _("Practical: was it really done, with means that people have?")
    INCLUSIVE = "inclusive", _("Inclusive: does it reach those who are usually left out?")


class SessionKind(TextChoices):
    """What kind of session."""

    OPENING = "opening", _("opening")
    TALKS = "talks", _("talks")
    PANEL = "panel", _("panel")
    TRAINING = "training", _("training")
    CLOSING = "closing", _("closing")
    BREAK = "break", pgettext_lazy("a session", "break")


class Duty(TextChoices):
    """What somebody does in a session."""

    SPEAKER = "speaker", _("speaker")
    CHAIR = "chair", _("chair")
    INTERPRETER = "interpreter", _("interpreter")


class Consent(TextChoices):
    """Whether a talk may live on as a practice and on the speaker's profile."""

    NOT_ASKED = "not_asked", _("not asked yet")
    GIVEN = "given", _("agrees")
    REFUSED = "refused", _("does not agree")


class PromiseStatus(TextChoices):
    """What became of a commitment."""

    PROMISED = "promised", pgettext_lazy("a promise", "promised")
    UNDER_WAY = "under_way", pgettext_lazy("a commitment", "under way")
    KEPT = "kept", _("kept")
    PARTLY = "partly", _("partly kept")
    NOT_KEPT = "not_kept", _("not kept")
    WITHDRAWN = "withdrawn", pgettext_lazy("a commitment", "withdrawn")


class PartnerRole(TextChoices):
    """What a country or organisation is in an initiative."""

    LEAD = "lead", _("leads")
    PARTNER = "partner", _("takes part")
    FUNDER = "funder", _("pays")
    HOST = "host", _("hosts")


class LearningKind(TextChoices):
    """How people learned from each other."""

    COURSE = "course", _("course")
    VISIT = "visit", _("study visit")
    EXCHANGE = "exchange", _("exchange of village officials")


class Used(TextChoices):
    """What came of what was learned, after six months."""

    YES = "yes", pgettext_lazy("something learned", "used")
    PARTLY = "partly", _("partly used")
    NO = "no", _("not used")
