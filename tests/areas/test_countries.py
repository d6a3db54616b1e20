"""The shipped divisions: all twelve countries, provinces only, and what is not verified is marked."""

import datetime
from collections import Counter

import pycountry
import pytest

from highground.areas.actions import import_areas
from highground.areas.countries import builtin_rows, level_name, load_countries
from highground.areas.models import Area
from highground.areas.queries import children, existing

TODAY = datetime.date(2026, 3, 1)
COUNTRIES = {"CN", "BN", "KH", "ID", "LA", "MM", "MY", "PH", "SG", "TH", "TL", "VN"}


def test_every_country_with_its_provinces() -> None:
    rows = builtin_rows()
    assert (
        {row.code for row in rows if row.level == "country"}
        == COUNTRIES
        == set(load_countries()["countries"])
    )
    counts = Counter(row.parent for row in rows if row.level == "province")
    assert counts == {
        "CN": 34, "BN": 4, "KH": 25, "ID": 38, "LA": 18, "MM": 15, "MY": 16, "PH": 83, "SG": 5, "TH": 77, "TL": 14, "VN": 63,
    }  # fmt: skip
    assert all(row.iso == row.code for row in rows if row.level == "province")


def test_codes_are_those_of_the_standard_but_for_the_marked_addition() -> None:
    known = {division.code for division in pycountry.subdivisions}
    assert {row.code for row in builtin_rows() if row.iso} - known == {"TL-AT"}


def test_what_was_written_from_memory_is_marked() -> None:
    changed = {change["code"] for change in load_countries()["changes"]}
    rows = {row.code: row for row in builtin_rows()}
    assert {code for code, row in rows.items() if not row.verified} == changed
    assert all(change.get("into", "VN-07") in rows for change in load_countries()["changes"])


@pytest.mark.django_db
def test_viet_nam_before_and_after_july_2025() -> None:
    import_areas(builtin_rows(), by="command:test", today=TODAY)
    country = Area.objects.get(code="VN")
    assert children(country, on=datetime.date(2025, 6, 30)).count() == 63
    assert children(country, on=datetime.date(2025, 7, 1)).count() == 34
    assert Area.objects.filter(existing(TODAY), code="VN-03").count() == 0


@pytest.mark.django_db
def test_names_fall_back_to_what_is_there() -> None:
    import_areas(builtin_rows(), by="command:test", today=TODAY)
    guangxi = Area.objects.get(code="CN-GX")
    assert guangxi.name("zh-hans") == guangxi.name("zh") == "广西壮族自治区"
    assert guangxi.name("en") == guangxi.name("th") == "Guangxi Zhuangzu Zizhiqu"


def test_levels_have_the_countrys_own_words() -> None:
    assert level_name("LA", "county", "en") == "district"
    assert level_name("LA", "county", "lo") == "ເມືອງ"
    assert level_name("CN", "county", "zh-hans") == "县"
    assert level_name("XX", "county") == "county"
