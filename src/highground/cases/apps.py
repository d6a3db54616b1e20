from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CasesConfig(AppConfig):
    name = "highground.cases"
    label = "cases"
    verbose_name = _("Cases")

    def ready(self) -> None:
        from highground.accounts.access import shown_to
        from highground.accounts.enums import Sight
        from highground.cases.shell import waiting_in_view
        from highground.web.shell import NavItem, add_to_navigation

        add_to_navigation(
            NavItem(
                "cases",
                _("Cases"),
                "cases:inbox",
                order=30,
                shown=shown_to(Sight.CASES),
                count=waiting_in_view,
                belongs=("cases:",),
            )
        )
        sees_cases, counts = shown_to(Sight.CASES), shown_to(Sight.COUNTS)
        # Who opens cases finds the board among their pages.
        add_to_navigation(
            NavItem(
                "board",
                _("Board"),
                "cases:board",
                order=31,
                shown=lambda request: counts(request) and not sees_cases(request),
            )
        )
        from highground.cases import as_known
        from highground.cases.from_clue import button_of_clue, card_of_household
        from highground.signals.joined import HouseholdPart, add_to_clue, add_to_household

        add_to_clue(button_of_clue)
        add_to_household(HouseholdPart("as known", order=5, make=as_known.card_of_household))
        add_to_household(HouseholdPart("cases", order=10, make=card_of_household))
        from highground.cases.actions.clues import after_screening
        from highground.signals.events import register_screened

        register_screened.connect(after_screening, dispatch_uid="cases.clues")
        self._add_families()

    def _add_families(self) -> None:
        """What families and neighbours say: messages from the public page, and needs."""
        from highground.accounts.access import shown_to
        from highground.accounts.enums import Sight
        from highground.cases.needs.pages import card_of_household
        from highground.cases.public.shell import waiting_in_view
        from highground.signals.joined import HouseholdPart, add_to_household
        from highground.web.shell import NavItem, add_to_navigation

        add_to_navigation(
            NavItem(
                "messages",
                _("Messages"),
                "public:messages",
                order=35,
                shown=shown_to(Sight.CASES, Sight.OBJECTORS),
                count=waiting_in_view,
                belongs=("public:message",),
            )
        )
        add_to_navigation(
            NavItem(
                "needs",
                _("Needs"),
                "needs:needs",
                order=36,
                rare=True,
                shown=shown_to(Sight.CASES),
                belongs=("needs:",),
            )
        )
        add_to_household(HouseholdPart("needs", order=20, make=card_of_household))
