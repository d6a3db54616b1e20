"""Who looked after a household before: each change of its contact officer."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from highground.accounts.enums import Sight
from highground.accounts.scoping import ScopedManager


class HandOver(models.Model):
    """The contact officer of a case changed: from whom to whom, and who decided that."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="hand_overs")
    former = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("contact officer before")
    )
    contact = models.ForeignKey(
        "accounts.User", on_delete=models.PROTECT, related_name="+", verbose_name=_("contact officer")
    )
    day = models.DateField(_("day"))
    recorded_at = models.DateTimeField(_("recorded"))
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="case__household__area__path", sight=Sight.CASES)

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")

    def __str__(self) -> str:
        return f"{self.case_id} {self.day}"
