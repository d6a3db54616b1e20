from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "highground.accounts"
    label = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from highground.accounts import checks  # noqa: F401  (registers the system check)
