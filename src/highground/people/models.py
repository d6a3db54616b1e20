"""The register: households, members, and what is known of them since when.

History is kept as dated statements that are only ever added (`Residence`, `Membership`, `Observation`): the
statement with the latest `valid_from` up to a day says what held on that day; of two with the same
`valid_from` the one recorded last. `Household.area`, `Household.status`, `Member.household` and
`Member.present` repeat the latest statement, for speed.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from highground.accounts.enums import Sight
from highground.accounts.scoping import ScopedManager
from highground.files.fields import FileHash
from highground.people.enums import HouseholdStatus, LinkKind, Protected, Signed, SourceKind
from highground.people.sealed import SealedField


class Source(models.Model):
    """Where observations come from: one visit, one department's delivery, one imported file."""

    kind = models.CharField(_("kind"), max_length=12, choices=SourceKind)
    name = models.CharField(_("name"), max_length=120)
    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        constraints = [
            models.UniqueConstraint(fields=["kind", "name", "day"], name="source_once"),
            models.CheckConstraint(condition=Q(kind__in=SourceKind.values), name="source_kind_is_known"),
        ]

    def __str__(self) -> str:
        return self.name


class Household(models.Model):
    """A household. Pages and files outside the office know it by `key`, a pseudonym without meaning.

    `number` is the household's own number in `register`, the numbering that its source uses.
    """

    key = models.CharField(_("household"), max_length=12, unique=True)
    register = models.CharField(_("register"), max_length=40, default="main")
    number = models.CharField(_("household number"), max_length=60)
    area = models.ForeignKey("areas.Area", on_delete=models.PROTECT, related_name="+", verbose_name=_("area"))
    status = models.CharField(
        _("status"), max_length=8, choices=HouseholdStatus, default=HouseholdStatus.ACTIVE
    )
    synthetic = models.BooleanField(_("invented"), default=False)

    objects = ScopedManager(area="area__path")

    class Meta:
        verbose_name = _("household")
        verbose_name_plural = _("households")
        constraints = [
            models.UniqueConstraint(fields=["register", "number"], name="household_number_once"),
            models.CheckConstraint(
                condition=Q(status__in=HouseholdStatus.values), name="household_status_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Member(models.Model):
    """A person of a household. The person's name, if there is one, is a protected value."""

    key = models.CharField(_("member"), max_length=12, unique=True)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="members")
    register = models.CharField(_("register"), max_length=40, default="main")
    number = models.CharField(_("member number"), max_length=121)
    present = models.BooleanField(_("still a member"), default=True)

    objects = ScopedManager(area="household__area__path")

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [models.UniqueConstraint(fields=["register", "number"], name="member_number_once")]

    def __str__(self) -> str:
        return self.key


class Residence(models.Model):
    """From `valid_from` on the household lives in `area`; without an area it is on no register of ours."""

    household = models.ForeignKey(
        Household, on_delete=models.PROTECT, related_name="residences", db_index=False
    )
    area = models.ForeignKey(
        "areas.Area", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    valid_from = models.DateField(_("from"))
    recorded_at = models.DateTimeField()
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="household__area__path")

    class Meta:
        verbose_name = _("residence")
        verbose_name_plural = _("residences")
        indexes = [models.Index(fields=["household", "valid_from"], name="residence_of_household")]

    def __str__(self) -> str:
        return f"{self.household_id} {self.valid_from}"


class Membership(models.Model):
    """From `valid_from` on the member belongs to `household`; without one the member has left."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="memberships", db_index=False)
    household = models.ForeignKey(Household, on_delete=models.PROTECT, null=True, related_name="memberships")
    valid_from = models.DateField(_("from"))
    recorded_at = models.DateTimeField()
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="household__area__path")

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        indexes = [models.Index(fields=["member", "valid_from"], name="membership_of_member")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.household_id} {self.valid_from}"


class HouseholdLink(models.Model):
    """One household came out of another, or went into it."""

    kind = models.CharField(_("kind"), max_length=8, choices=LinkKind)
    earlier = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="later_links")
    later = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="earlier_links")
    day = models.DateField(_("day"))
    recorded_at = models.DateTimeField()
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="later__area__path")

    class Meta:
        verbose_name = _("household link")
        verbose_name_plural = _("household links")

    def __str__(self) -> str:
        return f"{self.kind} {self.earlier_id} {self.later_id}"


class OwnFact(models.Model):
    """A rulebook's own fact of which the register holds values: its `entry` says what they mean, as in the rulebook."""

    name = models.CharField(max_length=60, unique=True)
    rulebook = models.CharField(max_length=60)
    entry = models.JSONField()

    def __str__(self) -> str:
        return f"{self.rulebook} {self.name}"


class Observation(models.Model):
    """Somebody saw, said or delivered a value of a fact, which holds from a day on.

    `value` is canonical text: money with at most two decimals and no needless zeros, whole numbers, `true`
    and `false`, ISO dates, category ids, lists joined by `;` in the dictionary's order with `[]` for the
    empty list. Null withdraws what was known. `valid_to` is the last day; null is until further notice.
    """

    household = models.ForeignKey(
        Household, on_delete=models.PROTECT, related_name="observations", db_index=False
    )
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, related_name="observations", db_index=False
    )
    fact = models.CharField(_("fact"), max_length=60)
    value = models.TextField(_("value"), null=True)  # noqa: DJ001  (null withdraws; "" would be a value)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded"))
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False)
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="household__area__path")

    class Meta:
        verbose_name = _("observation")
        verbose_name_plural = _("observations")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="observation_ends_after_it_begins",
            )
        ]
        indexes = [
            models.Index(
                fields=["household", "fact", "valid_from"],
                condition=Q(member__isnull=True),
                name="observation_of_household",
            ),
            models.Index(
                fields=["member", "fact", "valid_from"],
                condition=Q(member__isnull=False),
                name="observation_of_member",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.fact} {self.valid_from}"


class ProtectedValue(models.Model):
    """An attribute that identifies a person, encrypted; `lookup` is a keyed hash to find it by."""

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="protected_values")
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, related_name="protected_values", db_index=False
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Protected)
    sealed = models.BinaryField()
    key_id = models.CharField(max_length=16, db_index=True)
    lookup = models.CharField(max_length=64)
    recorded_at = models.DateTimeField(_("recorded"))
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False)

    objects = ScopedManager(area="household__area__path", sight=Sight.PROTECTED)

    class Meta:
        verbose_name = _("protected value")
        verbose_name_plural = _("protected values")
        indexes = [models.Index(fields=["kind", "lookup"], name="protected_lookup")]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "kind"],
                condition=Q(member__isnull=True),
                name="protected_once_household",
            ),
            models.UniqueConstraint(
                fields=["member", "kind"], condition=Q(member__isnull=False), name="protected_once_member"
            ),
            models.CheckConstraint(condition=Q(kind__in=Protected.values), name="protected_kind_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.member_id or self.household_id}"


class Authorisation(models.Model):
    """The household lets other registers be asked about it, from `given_on` until the day it is withdrawn.

    It belongs to the household, not to a case: department feeds ask for it. Where somebody else wrote the form
    (`helped`) they are named, and read it back before it was signed. `signed_by` null is the head. `evidence`
    is the SHA-256 of a picture of the paper.
    """

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="authorisations")
    given_on = models.DateField(_("given on"))
    signed_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("signed by")
    )
    how = models.CharField(_("signed how"), max_length=10, choices=Signed)
    helped = models.BooleanField(_("somebody else wrote it"), default=False)
    helper = SealedField(_("who wrote it"), tied_to="household_id", blank=True)
    read_back = models.BooleanField(_("read back before signing"), default=False)
    evidence = FileHash(_("picture of the paper"), blank=True)
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded"))
    by = models.CharField(max_length=80)

    objects = ScopedManager(area="household__area__path")

    class Meta:
        verbose_name = _("authorisation")
        verbose_name_plural = _("authorisations")
        constraints = [
            models.CheckConstraint(condition=Q(how__in=Signed.values), name="authorisation_how_is_known"),
            models.CheckConstraint(
                condition=Q(helped=False, helper="") | (Q(helped=True, read_back=True) & ~Q(helper="")),
                name="authorisation_helper_is_named_and_read_it_back",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=F("given_on")),
                name="authorisation_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.given_on}"
