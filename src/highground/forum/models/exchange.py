"""What people learned from each other, and what is to be done after a forum."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from highground.accounts.enums import Sight
from highground.accounts.scoping import ScopedManager
from highground.forum.enums import LearningKind, Used
from highground.forum.models.taking_part import BY_FORUM


class Learning(models.Model):
    """A course, a study visit or an exchange of village officials."""

    forum = models.ForeignKey("forum.Forum", on_delete=models.CASCADE, related_name="learning")
    kind = models.CharField(_("kind"), max_length=10, choices=LearningKind)
    title = models.CharField(_("title"), max_length=200)
    host = models.CharField(_("who teaches"), max_length=160)
    country = models.CharField(_("country"), max_length=2)
    skills = models.JSONField(_("skills"), default=list)
    begins_on = models.DateField(_("begins"))
    ends_on = models.DateField(_("ends"))

    class Meta:
        verbose_name = _("exchange")
        verbose_name_plural = _("exchanges")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=LearningKind.values), name="learning_kind_is_known"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("begins_on")), name="learning_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Learner(models.Model):
    """Somebody who learned, from whom, and whether it was used after six months; null until somebody asked."""

    learning = models.ForeignKey(Learning, on_delete=models.CASCADE, related_name="learners")
    name = models.CharField(_("name"), max_length=120)
    country = models.CharField(_("country"), max_length=2)
    organisation = models.CharField(_("organisation"), max_length=160)
    taught_by = models.CharField(_("learned from"), max_length=120, blank=True)
    candidate = models.CharField(_("code in the pool of work teams"), max_length=40, blank=True)
    expert = models.CharField(_("code of the expert's profile"), max_length=60, blank=True)
    used = models.CharField(_("after six months"), max_length=8, choices=Used, blank=True)
    told = models.TextField(_("what came of it"), blank=True)
    asked_on = models.DateField(null=True)

    objects = ScopedManager(area=f"learning__{BY_FORUM}", sight=Sight.FORUM)

    class Meta:
        verbose_name = _("learner")
        verbose_name_plural = _("learners")
        constraints = [
            models.CheckConstraint(
                condition=Q(used="") | Q(asked_on__isnull=False), name="learner_answer_has_a_day"
            )
        ]

    def __str__(self) -> str:
        return self.name


class FollowUp(models.Model):
    """Something to be done after a forum, with an owner and a date."""

    forum = models.ForeignKey("forum.Forum", on_delete=models.CASCADE, related_name="follow_ups")
    text = models.CharField(_("what"), max_length=300)
    owner = models.CharField(_("who sees to it"), max_length=120)
    due_on = models.DateField(_("by when"))
    done_on = models.DateField(_("done"), null=True)
    outcome = models.CharField(_("what came of it"), max_length=300, blank=True)

    objects = ScopedManager(area=BY_FORUM, sight=Sight.FORUM)

    class Meta:
        verbose_name = _("follow-up")
        verbose_name_plural = _("follow-ups")

    def __str__(self) -> str:
        return self.text
