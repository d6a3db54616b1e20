from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ForumConfig(AppConfig):
    name = "highground.forum"
    label = "forum"
    verbose_name = _("Forum")

    def ready(self) -> None:
        from highground.accounts.access import shown_to
        from highground.accounts.enums import Sight
        from highground.web.shell import NavItem, add_to_navigation

        add_to_navigation(
            NavItem(
                "forum",
                _("Forum"),
                "forum:office",
                order=60,
                shown=shown_to(Sight.FORUM),
                belongs=("forum:",),
            )
        )
