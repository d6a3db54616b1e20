from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HomeConfig(AppConfig):
    name = "highground.home"
    label = "home"
    verbose_name = _("Home")

    def ready(self) -> None:
        from highground.accounts.access import shown_to
        from highground.accounts.enums import Sight
        from highground.knowledge.pages import add_tab
        from highground.web.shell import NavItem, add_to_navigation

        add_to_navigation(NavItem("home", _("Home"), "home:home", order=10, shown=lambda request: True))
        add_to_navigation(
            NavItem(
                "areas",
                _("Areas"),
                "home:areas",
                order=30,
                shown=shown_to(Sight.COUNTS),
                belongs=("home:area",),
            )
        )
        add_tab("home:needs_here", _("Needs near me"), shown_to(Sight.COUNTS))
