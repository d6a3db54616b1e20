"""ODK Web Forms in a real browser: what it makes of a form and of the answers that somebody types.

It is not part of the repository: `tools/web_forms.py` installs the version of `tests/vendor/web-forms` into
`tests/.last/web-forms`, which needs npm once. Nothing is served: the browser's requests are answered from that folder.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from tests.support.parts import skip_without

FOLDER = Path(__file__).resolve().parents[1] / ".last" / "web-forms" / "node_modules"
HOME = "https://forms.test"
ZONE = "Asia/Shanghai"
KINDS = {".js": "text/javascript", ".html": "text/html"}

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>referee</title><div id="app"></div>
<script type="importmap">{"imports": {"vue": "/vue/dist/vue.runtime.esm-browser.prod.js"}}</script>
<script type="module">
import { createApp, h } from 'vue';
import { OdkWebForm, webFormsPlugin } from '/@getodk/web-forms/dist/index.js';
const told = await (await fetch('/form.json')).json();
const fetchFormAttachment = async (url) => {
  const name = String(url).split('/').pop();
  const content = told.tables[name];
  return new Response(content ?? '', { status: content === undefined ? 404 : 200, headers: { 'Content-Type': 'text/csv' } });
};
const onSubmit = async (payload) => {
  const files = payload.data instanceof FormData ? payload.data : payload.data[0];
  window.sent = await files.get('xml_submission_file').text();
  const done = document.createElement('p');
  done.id = 'sent';
  done.textContent = 'sent';
  document.body.append(done);
};
createApp({ render: () => h(OdkWebForm, { formXml: told.xml, fetchFormAttachment, missingResourceBehavior: 'BLANK', onSubmit }) })
  .use(webFormsPlugin).mount('#app');
</script></html>"""


def find_web_forms() -> Path:
    """Where it is installed; skips the test where it is not."""
    if not (FOLDER / "@getodk" / "web-forms" / "dist" / "index.js").exists():
        skip_without(
            "web-forms", "ODK Web Forms is not installed: run .venv/bin/python tools/web_forms.py (needs npm)"
        )
    return FOLDER


class WebForms:
    """A form, opened in a browser context of its own."""

    def __init__(self, browser: Any, xml: str, tables: Mapping[str, str]) -> None:
        folder = find_web_forms()
        told = json.dumps({"xml": xml, "tables": {f"{name}.csv": text for name, text in tables.items()}})
        self.context = browser.new_context(
            locale="en-GB", timezone_id=ZONE, viewport={"width": 1000, "height": 900}
        )
        self.context.set_default_timeout(20_000)

        def answer(route: Any) -> None:
            path = route.request.url.removeprefix(HOME).partition("?")[0]
            if path == "/":
                route.fulfill(body=PAGE, content_type="text/html; charset=utf-8")
            elif path == "/form.json":
                route.fulfill(body=told, content_type="application/json")
            elif (file := folder / path.lstrip("/")).is_file():
                route.fulfill(path=file, content_type=KINDS.get(file.suffix, "application/octet-stream"))
            else:
                route.fulfill(status=404, body="")

        self.context.route("**/*", answer)
        self.page = self.context.new_page()
        self.page.goto(f"{HOME}/")
        failure = self.page.locator(".initialize-form-failure-details")
        self.page.get_by_role("button", name="Send").or_(failure).first.wait_for()
        assert not failure.count(), failure.text_content()

    def question(self, label: str, place: int = 0) -> Any:
        """The question with this label; the `place`-th of several."""
        exactly = self.page.locator(".control-text label", has_text=re.compile(rf"^{re.escape(label)}$"))
        return self.page.locator(".question-container", has=exactly).nth(place)

    def write(self, label: str, answer: str, place: int = 0) -> None:
        """Type an answer."""
        box = self.question(label, place).locator("input, textarea").first
        box.click()
        box.press_sequentially(answer)
        box.blur()

    def tick(self, label: str, value: str, place: int = 0) -> None:
        """Choose an answer that stands on the page."""
        self.question(label, place).locator(f"input[value='{value}']").check(force=True)

    def pick(self, label: str, shown: str, place: int = 0) -> None:
        """Choose an answer out of a list that opens."""
        self.question(label, place).get_by_role("combobox").click()
        self.page.get_by_role("option", name=shown).click()

    def send(self) -> ET.Element:
        """Press Send; the instance as it would be submitted, its names without name spaces."""
        self.page.get_by_role("button", name="Send").click()
        self.page.locator("#sent").wait_for()
        root = ET.fromstring(self.page.evaluate("window.sent"))
        for one in root.iter():
            one.tag = one.tag.rpartition("}")[2]
        return root

    def close(self) -> None:
        self.context.close()
