from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorksConfig(AppConfig):
    name = "highground.works"
    label = "works"
    verbose_name = _("Villages")

    def ready(self) -> None:
        from highground.signals.joined import HouseholdPart, add_to_household
        from highground.web.shell import NavItem, add_to_navigation
        from highground.works.household_card import card_of_household
        from highground.works.queries.projects import opens_works

        add_to_household(HouseholdPart("works", order=60, make=card_of_household))
        add_to_navigation(
            NavItem(
                "works", _("Villages"), "works:villages", order=44, shown=opens_works, belongs=("works:",)
            )
        )
