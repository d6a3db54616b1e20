from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FieldConfig(AppConfig):
    name = "highground.field"
    label = "field"
    verbose_name = _("Visits by phone")

    def ready(self) -> None:
        from highground.accounts.access import shown_to
        from highground.accounts.enums import Sight
        from highground.field.office_pages import waiting_in_view
        from highground.web.shell import NavItem, add_to_navigation

        add_to_navigation(
            NavItem(
                "phones",
                _("From phones"),
                "field:from_phones",
                order=38,
                rare=True,
                shown=shown_to(Sight.CASES),
                count=waiting_in_view,
                belongs=("field:",),
            )
        )
