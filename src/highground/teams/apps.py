from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TeamsConfig(AppConfig):
    name = "highground.teams"
    label = "teams"
    verbose_name = _("Teams")

    def ready(self) -> None:
        from highground.accounts.access import shown_to
        from highground.accounts.enums import Sight
        from highground.web.shell import NavItem, add_to_navigation

        add_to_navigation(
            NavItem(
                "teams",
                _("Teams"),
                "teams:in_force",
                order=45,
                shown=shown_to(Sight.TEAMS),
                belongs=("teams:",),
            )
        )
