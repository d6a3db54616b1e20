from django.apps import AppConfig
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


def _everybody(_request: HttpRequest) -> bool:
    """The knowledge of all is shown to everybody who signed in; who has not finds it by its address."""
    return True


class KnowledgeConfig(AppConfig):
    name = "highground.knowledge"
    label = "knowledge"
    verbose_name = _("Knowledge")

    def ready(self) -> None:
        from highground.web.shell import NavItem, add_to_navigation

        add_to_navigation(
            NavItem(
                "knowledge",
                _("Knowledge"),
                "knowledge:search",
                order=47,
                shown=_everybody,
                belongs=("knowledge:", "home:needs"),
            )
        )
