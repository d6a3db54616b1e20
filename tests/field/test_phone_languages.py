"""Every inner page of the phone in its six languages at 360 pixels: it fits, its lines break between words, axe is content."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils.translation import override
from playwright.sync_api import expect

from highground.field.labels import label_of, value_labels_of
from highground.field.pages import SHELL
from highground.methods.facts import load_dictionary
from tests.support.casework import lead, start
from tests.support.handset import PICTURES, PIN, photo
from tests.support.pages import violations
from tests.support.places import PASSWORD

pytestmark = pytest.mark.django_db(transaction=True)
LANGUAGES = {"en": "en-GB", "zh-hans": "zh-CN", "km": "km-KH", "lo": "lo-LA", "th": "th-TH", "my": "my-MM"}
TYPES = {"boolean", "category", "list", "date", "money", "integer"}

BREAKS = """() => {
  const words = new Intl.Segmenter(document.documentElement.lang, { granularity: 'word' });
  const wrong = [];
  const walk = document.createTreeWalker(document.getElementById('app'), NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.data;
    const range = document.createRange();
    let before = null;
    let starts = null;
    for (let at = 0; at < text.length; at += 1) {
      range.setStart(walk.currentNode, at);
      range.setEnd(walk.currentNode, at + 1);
      const place = [...range.getClientRects()].at(-1);
      if (!place || place.width === 0) continue;
      if (before !== null && place.top > before + 8) {
        starts ??= new Set([...words.segment(text)].map((one) => one.index));
        if (!starts.has(at)) wrong.push(text.slice(Math.max(0, at - 12), at) + '|' + text.slice(at, at + 12));
      }
      before = place.top;
    }
  }
  return wrong;
}"""
"""Lines that begin in the middle of a word, by the browser's own dictionary of words. Chinese breaks anywhere."""

SIGNS = """() => {
  const closing = /[\\p{Pe}\\p{Pf}，。、；：？！…—·～％,.;:?!%]/u;
  const opening = /[\\p{Ps}\\p{Pi}]/u;
  const wrong = [];
  const block = (node) => {
    let one = node.parentElement;
    while (getComputedStyle(one).display.startsWith('inline')) one = one.parentElement;
    return one;
  };
  const walk = document.createTreeWalker(document.getElementById('app'), NodeFilter.SHOW_TEXT);
  let last = null;
  while (walk.nextNode()) {
    const text = walk.currentNode.data;
    const inside = block(walk.currentNode);
    const range = document.createRange();
    for (let at = 0; at < text.length; at += 1) {
      if (/\\s/.test(text[at])) continue;
      range.setStart(walk.currentNode, at);
      range.setEnd(walk.currentNode, at + 1);
      const place = [...range.getClientRects()].at(-1);
      if (!place || place.width === 0) continue;
      const next = last && last.inside === inside && place.top > last.top + 8 && place.left < last.left;
      if (next && (closing.test(text[at]) || opening.test(last.sign))) wrong.push(`${last.before}|${text.slice(at, at + 8)}`);
      last = { inside, top: place.top, left: place.left, sign: text[at], before: text.slice(Math.max(0, at - 8), at + 1) };
    }
  }
  return wrong;
}"""
"""Lines that begin with a sign which closes something, and lines that end with one which opens something."""

TOO_WIDE = """() => [...document.querySelectorAll('#app *')]
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== 'inline' && one.clientWidth > 0)
  .map((one) => one.outerHTML.slice(0, 120))"""


class Reader:
    """A phone in one language, and its words."""

    def __init__(self, page: Any, language: str) -> None:
        self.page, self.language = page, language
        file = SHELL / f"words.{language}.json"
        self.words = json.loads(file.read_text()) if file.exists() else {}
        self.session = page.context.new_cdp_session(page)

    def __call__(self, text: str) -> str:
        """A text of the page as it stands there."""
        return str(self.words.get(text, text))

    def like(self, text: str) -> re.Pattern[str]:
        """The text with anything in the places of its `{values}`."""
        return re.compile(re.sub(r"\\\{\w+\\\}", ".*", re.escape(self(text))))

    def press(self, text: str) -> None:
        """Press a button by its words."""
        self.page.get_by_role("button", name=self(text), exact=True).first.click()

    def check(self, name: str) -> None:
        """The page that stands fits, breaks its lines well and is accessible; a picture is kept."""
        worn = re.compile(f"^{self.language}$", re.IGNORECASE)
        expect(self.page.locator("html")).to_have_attribute("lang", worn)
        PICTURES.mkdir(parents=True, exist_ok=True)
        where = f"phone-{name}-{self.language}"
        self.page.screenshot(path=str(PICTURES / f"{where}.png"), full_page=True)
        wide = self.page.evaluate("() => document.documentElement.scrollWidth")
        assert wide <= 360, f"{where} is {wide} pixels wide"
        assert self.page.evaluate(TOO_WIDE) == [], where
        if self.language != "zh-hans":
            assert self.page.evaluate(BREAKS) == [], where
        assert self.page.evaluate(SIGNS) == [], where
        assert violations(self.page, self.session) == [], where


@pytest.fixture
def read(browser, live_server) -> Iterator[Callable[[str], Reader]]:
    opened: list[Any] = []

    def make(language: str) -> Reader:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": 360, "height": 740},
            locale=LANGUAGES[language],
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            service_workers="block",  # so that the card below can be given the types that no rule asks for just now
        )
        context.set_default_timeout(30_000)
        opened.append(context)
        return Reader(context.new_page(), language)

    yield make
    for context in opened:
        context.close()


def every_type(route: Any, language: str) -> None:
    """The card with a question of each type more: a long list, a day of a member, a choice of few."""
    answer = route.fetch()
    told = answer.json()
    with override(language):
        for card in told["cards"]:
            asked = card["form"]["questions"]
            for name, whose in (
                ("measures_delivered", ""),
                ("birth_date", "M1"),
                ("labour", "M1"),
                ("household_size", ""),
                ("water_unsafe", ""),
                ("risks", ""),
            ):
                fact = load_dictionary()[name]
                asked.append(
                    {
                        "name": f"{name}@{whose}" if whose else name,
                        "label": label_of(fact),
                        "who": "Wei Xiaolan" if whose else "",
                        "type": "category" if name == "risks" else fact.type,
                        "choices": value_labels_of(fact),
                        "known": None,
                        "known_text": "",
                        "why": "",
                        "hint": "",
                        "minimum": None,
                        "maximum": None,
                        "unit": fact.unit or "",
                    }
                )
    route.fulfill(response=answer, json=told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_the_phone(village, read, language) -> None:
    lead(start(village.households["2231"], village.staff["huangmei"]), village.staff, to="visit")
    say = read(language)
    page = say.page
    page.route("**/field/cards**", lambda route: every_type(route, language))
    page.goto("/field/")
    page.get_by_role("heading").first.wait_for()
    say.check("set-up")
    say.press("Set up this phone")
    page.get_by_text(say("A PIN needs at least 6 digits, and nothing but digits.")).wait_for()
    for label, typed in (
        ("Your name in Highground", "huangmei"),
        ("Password", "wrong"),
        ("Choose a PIN", PIN),
        ("The PIN again", PIN),
    ):
        page.get_by_label(say(label), exact=True).fill(typed)
    say.press("Set up this phone")
    page.get_by_text(say("The name or the password is wrong.")).wait_for()
    say.check("set-up-wrong")
    page.get_by_label(say("Password"), exact=True).fill(PASSWORD)
    say.press("Set up this phone")
    page.get_by_role("link", name=say.like("Household {number}")).first.wait_for()
    page.get_by_role("status").wait_for(state="detached")
    say.check("today")
    page.goto("/field/#households")
    page.get_by_role("link", name=re.compile("2231")).wait_for()
    say.check("households")
    page.context.set_offline(True)
    page.get_by_role("link", name=re.compile("2231")).click()
    page.get_by_text(say("What we know of this household")).click()
    types = page.locator(".question").count()
    assert types >= 6
    page.locator("[id^='q-'] input[inputmode]").first.fill("many")
    page.locator("#outcome input[type=radio]").first.check()
    page.locator("#photos").set_input_files(photo(320, 240))
    page.get_by_text(say("Photo added.")).wait_for()
    say.press("Let the family sign")
    say.press("Save the visit")
    page.get_by_text(say("Not saved yet")).wait_for()
    say.check("visit")
    page.goto("/field/#households")
    page.get_by_role("link", name=re.compile("0122")).click()
    page.get_by_label(say("Note")).fill("…")
    say.press("Save the visit")
    page.get_by_role("heading", name=say.like("{count} waiting to send")).wait_for()
    say.check("outbox")
    page.goto("/field/#me")
    page.get_by_role("button", name=say("Sign out and erase")).click()
    say.check("me")
    page.goto("/field/#today")
    page.get_by_role("heading").first.wait_for()
    page.goto("/field/#me")
    say.press("Lock now")
    page.get_by_label(say("PIN"), exact=True).fill("111112")
    say.press("Unlock")
    page.get_by_text(say("That PIN is wrong.")).wait_for()
    say.check("locked")
    page.get_by_label(say("PIN"), exact=True).fill(PIN)
    page.context.set_offline(False)
    say.press("Unlock")
    page.goto("/field/#outbox")
    page.get_by_role("heading", name=say("Nothing waiting to send")).wait_for()
    say.check("sent")


@pytest.mark.parametrize("language", ["km", "th"])
def test_a_line_that_breaks_within_a_word_is_noticed(live_server, read, language) -> None:
    say = read(language)
    say.page.goto("/field/")
    say.page.get_by_role("heading").first.wait_for()
    assert say.page.evaluate(BREAKS) == []
    say.page.evaluate(
        "() => { const sheet = new CSSStyleSheet(); sheet.replaceSync('p { word-break: break-all }');"
        " document.adoptedStyleSheets = [sheet]; }"
    )
    assert say.page.evaluate(BREAKS) != []


@pytest.mark.parametrize("sign", ["，", "。", "”", "）", "（", "“"])
def test_a_line_that_breaks_beside_the_wrong_sign_is_noticed(live_server, read, sign) -> None:
    say = read("zh-hans")
    say.page.goto("/field/")
    say.page.get_by_role("heading").first.wait_for()
    assert say.page.evaluate(SIGNS) == []
    say.page.evaluate(FILL, sign)

    def noticed(rule: str) -> bool:
        """Whether any width of the paragraph puts the sign where it must not stand."""
        return any(
            say.page.evaluate(SHAPE, [rule, width]) or say.page.evaluate(SIGNS) for width in range(80, 170, 4)
        )

    assert noticed("anywhere")
    assert not noticed("auto")


FILL = "(sign) => { document.querySelector('main p').textContent = `走访农户问清难处${sign}再走访再看`; }"
SHAPE = """([rule, width]) => {
  Object.assign(document.querySelector('main p').style, { lineBreak: rule, width: `${width}px`, overflowWrap: 'anywhere' });
}"""
