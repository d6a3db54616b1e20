"""What must hold for every page: no inline code, nothing from elsewhere, accessible, and it fits a phone.

`check_source(response)` reads the HTML; `check_in_browser(page, name)` looks at a page that a real browser shows,
at 1280 and 390 pixels, and keeps its pictures in `tests/.last/` for people to look at.
"""

import re
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "tests/vendor/axe-core-4.14.1/axe.min.js"
PICTURES = ROOT / "tests/.last/pictures"
WIDTHS = (1280, 390)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


class _Source(HTMLParser):
    """Collects what a strict policy forbids, and addresses of other hosts."""

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style":
            self.faults.append("a <style> element")
        if tag == "script":
            self._in_script = "src" not in given
        for name, value in attrs:
            if name == "style":
                self.faults.append(f"style attribute on <{tag}>: {value}")
            elif name.startswith("on") or (value or "").strip().lower().startswith("javascript:"):
                self.faults.append(f"script in the attribute {name} of <{tag}>")
            elif self._loads(tag, name) and re.match(r"(?:\w+:)?//", value or ""):
                self.faults.append(f"<{tag}> asks {value}")

    @staticmethod
    def _loads(tag: str, name: str) -> bool:
        return name in {"src", "action", "srcset"} or (name == "href" and tag in {"link", "use", "image"})

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.faults.append("an inline script")

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._in_script = False


def faults_of(html: str) -> list[str]:
    """What in this HTML breaks the content security policy or asks another host."""
    source = _Source()
    source.feed(html)
    source.close()
    return source.faults


def check_source(response) -> None:
    """The response forbids inline code, and holds none."""
    policy = response["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert faults_of(response.content.decode()) == []


def check_in_browser(page, name: str) -> None:
    """The page that `page` shows: no WCAG 2.2 AA violation, no sideways scrolling; pictures at both widths."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    session = page.context.new_cdp_session(page)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.locator("main").wait_for()
        page.screenshot(path=PICTURES / f"{name}-{width}.png", full_page=True)
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= width, f"{name} at {width}: {wide} pixels wide, {page.evaluate(_WIDEST)}"
        found = violations(page, session)
        assert found == [], f"{name} at {width}:\n" + "\n".join(found)


def violations(page, session) -> list[str]:
    """What breaks WCAG 2.2 AA on the page that `page` shows, by axe; `session` speaks the browser's own protocol."""
    session.send("Page.setBypassCSP", {"enabled": True})
    session.send("Runtime.evaluate", {"expression": AXE.read_text()})
    found: list[str] = page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})"
        ".then(found => found.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html).slice(0, 3).join(' | ')))",
        RULES,
    )
    session.send("Page.setBypassCSP", {"enabled": False})
    return found


_WIDEST = """() => [...document.querySelectorAll('*')]
    .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .slice(0, 5).map(e => e.outerHTML.slice(0, 120))"""
