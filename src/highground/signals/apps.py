from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SignalsConfig(AppConfig):
    name = "highground.signals"
    label = "signals"
    verbose_name = _("Signals")

    def ready(self) -> None:
        from highground.accounts.access import shown_to
        from highground.accounts.enums import Sight
        from highground.signals.shell import has_rows_to_decide, open_count_in_view
        from highground.web.shell import NavItem, add_to_navigation

        add_to_navigation(
            NavItem(
                "clues",
                _("Clues"),
                "signals:clues",
                order=20,
                shown=shown_to(Sight.HOUSEHOLDS),
                count=open_count_in_view,
                belongs=("signals:clue", "signals:cannot_tell", "signals:no_data", "signals:household"),
            )
        )
        add_to_navigation(
            NavItem(
                "unnumbered",
                _("Department rows"),
                "signals:unnumbered",
                order=49,
                rare=True,
                shown=has_rows_to_decide,
                belongs=("signals:unnumbered_row",),
            )
        )
        add_to_navigation(
            NavItem(
                "runs",
                _("Runs"),
                "signals:runs",
                order=50,
                rare=True,
                shown=shown_to(Sight.RUNS),
                belongs=("signals:run",),
            )
        )
        add_to_navigation(
            NavItem(
                "rulebooks",
                _("Rulebooks"),
                "signals:rulebooks",
                order=60,
                rare=True,
                shown=shown_to(Sight.RULEBOOKS),
                belongs=("signals:rulebook",),
            )
        )
