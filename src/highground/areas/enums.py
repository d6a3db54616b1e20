"""The levels of the tree. Which of them a country has, and what it calls them: `data/areas/countries.yaml`."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Level(TextChoices):
    """From the top down; a country may leave levels out but not turn them around."""

    COUNTRY = "country", _("country")
    PROVINCE = "province", _("province")
    CITY = "city", _("city")
    COUNTY = "county", _("county")
    TOWNSHIP = "township", _("township")
    VILLAGE = "village", _("village")
    GROUP = "group", _("village group")

    @property
    def rank(self) -> int:
        """0 for a country; a child's rank is always higher than its parent's."""
        return list(Level).index(self)
