from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SupportConfig(AppConfig):
    name = "highground.support"
    label = "support"
    verbose_name = _("Support")

    def ready(self) -> None:
        from highground.accounts.access import shown_to
        from highground.accounts.enums import Sight
        from highground.cases.joined import CasePart, add_to_case, lead_to
        from highground.methods.rules.procedure.graph import Through
        from highground.support.pages.plan import delivery_door, plan_card, plan_door
        from highground.web.shell import NavItem, add_to_navigation

        add_to_navigation(
            NavItem(
                "support",
                _("Support"),
                "support:measures",
                order=40,
                shown=shown_to(Sight.CASES),
                belongs=("support:measures", "support:loans", "support:follow_ups", "support:automatic", "support:plan",
                         "support:write", "support:line", "support:arrived"),
            )
        )  # fmt: skip
        add_to_navigation(
            NavItem(
                "money",
                _("Money"),
                "support:budgets",
                order=45,
                rare=True,
                shown=shown_to(Sight.BUDGETS),
                belongs=("support:budgets", "support:payments", "support:batch"),
            )
        )
        from highground.cases.events import contact_changed
        from highground.support.actions.planning import after_hand_over

        contact_changed.connect(after_hand_over, dispatch_uid="support.hand_over")
        add_to_case(CasePart("plan", order=10, make=plan_card))
        lead_to(Through.PLAN, plan_door)
        lead_to(Through.DELIVERY, delivery_door)
