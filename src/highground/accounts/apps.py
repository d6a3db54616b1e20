from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "highground.accounts"
    label = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from highground.accounts import checks  # noqa: F401  (registers the system check)
        from highground.accounts.access import shown_to
        from highground.accounts.enums import Sight
        from highground.web.shell import NavItem, add_to_navigation

        auditors, operators = shown_to(Sight.EVENTS), shown_to(Sight.ACCOUNTS)
        add_to_navigation(NavItem("events", _("Events"), "accounts:events", order=80, shown=auditors))
        add_to_navigation(NavItem("accesses", _("Who looked"), "accounts:accesses", order=81, shown=auditors))
        add_to_navigation(NavItem("people", _("Accounts"), "accounts:people", order=90, shown=operators))
