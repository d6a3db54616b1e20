from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorksConfig(AppConfig):
    name = "highground.works"
    label = "works"
    verbose_name = _("Villages")

    def ready(self) -> None:
        from highground.web.shell import NavItem, add_to_navigation
        from highground.works.queries.projects import opens_works

        add_to_navigation(
            NavItem(
                "works", _("Villages"), "works:villages", order=44, shown=opens_works, belongs=("works:",)
            )
        )
