"""The pages of a village and of a project as PDF files."""

from __future__ import annotations

import io

import pytest
from pypdf import PdfReader

from highground.web.pdf import can_print
from highground.works.models import Project, ProjectSite

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(office) -> Project:
    """A project in one village of the county."""
    one = Project.objects.create(code="zz-1", title={"en": "Water for all", "zh": "人人有水"}, country="CN")
    ProjectSite.objects.create(project=one, area=office.area("BAIYUN"))
    return one


PAGES = {"/villages/BAIYUN/": "BAIYUN.pdf", "/projects/zz-1/": "zz-1.pdf"}


@pytest.mark.skipif(not can_print(), reason="no WeasyPrint or Pango here")
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_page_is_a_file_to_keep(project, enter, page, language) -> None:
    client = enter("weilan")
    client.cookies["django_language"] = language
    assert f"{page}sheet.pdf" in client.get(page).content.decode()
    done = client.get(f"{page}sheet.pdf")
    assert done["Content-Type"] == "application/pdf" and PAGES[page] in done["Content-Disposition"]
    text = "".join(one.extract_text() for one in PdfReader(io.BytesIO(done.content)).pages)
    wanted = {"en": ("Baiyun village", "Water for all"), "zh-hans": ("白云村", "人人有水")}[language]
    assert all(words in text for words in wanted) if "villages" in page else wanted[1] in text
    for button in ("Sign out", "Write down", "Propose a work", "退出", "写下"):
        assert button not in text


@pytest.mark.parametrize("page", PAGES)
def test_without_the_extra_there_is_no_such_file(project, enter, page, monkeypatch) -> None:
    from highground.works.pages import projects, villages

    for module in (projects, villages):
        monkeypatch.setattr(module, "can_print", lambda: False)
    client = enter("weilan")
    assert client.get(f"{page}sheet.pdf").status_code == 404
    assert "sheet.pdf" not in client.get(page).content.decode()


def test_what_lies_elsewhere_is_not_printed(project, enter) -> None:
    for page in PAGES:
        assert enter("antang").get(f"{page}sheet.pdf").status_code == 404
