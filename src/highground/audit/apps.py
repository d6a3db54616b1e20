from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "highground.audit"
    label = "audit"
    verbose_name = _("Audit")

    def ready(self) -> None:
        from highground.audit import checks  # noqa: F401  (registers the system check)
        from highground.audit.triggers import guard_after_migrate

        # Without a sender: SQLite rebuilds a table to alter it, which drops its triggers.
        post_migrate.connect(guard_after_migrate, dispatch_uid="highground.audit.triggers")
