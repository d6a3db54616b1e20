"""People who sign in, the roles they hold, and failed attempts to sign in."""

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from highground.accounts.enums import WITHOUT_AREA, Role


class UserManager(BaseUserManager["User"]):
    def create_user(self, username: str, password: str | None = None, **fields: str) -> "User":
        """Save a person who may sign in; without a password nobody can."""
        user = User(username=User.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person with an account. What they may see comes from their grants, never from this row."""

    username = models.CharField(_("user name"), max_length=80, unique=True)
    display_name = models.CharField(_("name shown to others"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=16, blank=True)
    is_active = models.BooleanField(_("may sign in"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "username"
    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.display_name or self.username


class Grant(models.Model):
    """One role, held by one person, in one area or for one project or initiative, from one day to another.

    `target_kind` and `target_id` name a project or initiative as text, because those rooms lie above this
    one. `valid_to` is the last day; null means open-ended.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(_("role"), max_length=24, choices=Role)
    area = models.ForeignKey(
        "areas.Area",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("area"),
    )
    target_kind = models.CharField(max_length=40, blank=True)
    target_id = models.CharField(max_length=64, blank=True)
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("to"), null=True, blank=True)

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="grant_role_is_known"),
            models.CheckConstraint(
                condition=(
                    models.Q(area__isnull=False, target_kind="", target_id="")
                    | (models.Q(area__isnull=True) & ~models.Q(target_kind="") & ~models.Q(target_id=""))
                    | models.Q(area__isnull=True, target_kind="", target_id="", role__in=sorted(WITHOUT_AREA))
                ),
                name="grant_has_a_place",
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=models.F("valid_from")),
                name="grant_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role} {self.area_id or self.target_kind}"


class SignInFailure(models.Model):
    """A failed attempt to sign in. The key is a keyed hash of the name or the address, never either itself."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["key", "at"], name="sign_in_failure_recent")]

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.at:%Y-%m-%d %H:%M}"


class Device(models.Model):
    """A phone that acts for a person until a day, or until it is revoked. `token_hash` is the SHA-256 of its token.

    The token itself is random, shown once, and nowhere kept here.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices")
    name = models.CharField(_("device"), max_length=60)
    token_hash = models.CharField(max_length=64, unique=True)
    issued_on = models.DateField(_("issued"))
    until = models.DateField(_("valid until"))
    revoked_on = models.DateField(_("revoked"), null=True, blank=True)
    seen_on = models.DateField(_("last contact"), null=True, blank=True)

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until__gte=models.F("issued_on")), name="device_ends_after_it_begins"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.name}"
