from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class RoundsConfig(AppConfig):
    name = "highground.rounds"
    label = "rounds"
    verbose_name = _("Rounds")

    def ready(self) -> None:
        from highground.accounts.access import shown_to
        from highground.accounts.enums import Sight
        from highground.web.shell import NavItem, add_to_navigation

        sees_cases, counts = shown_to(Sight.CASES), shown_to(Sight.COUNTS)
        add_to_navigation(
            NavItem("rounds", _("Rounds"), "rounds:plan", order=38, shown=sees_cases, belongs=("rounds:",))
        )
        # Who opens cases finds the estimate among the pages of the rounds.
        add_to_navigation(
            NavItem(
                "missed",
                _("Who is missed"),
                "rounds:missed",
                order=39,
                rare=True,
                shown=lambda request: counts(request) and not sees_cases(request),
            )
        )
