"""The names of facts in the phone's languages: every fact that a shipped rulebook reads, every value, nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from django.utils.translation import override

import highground
from highground.field.cards import PERSON, cards_of
from highground.field.due import due_of
from highground.field.labels import FOLDER, label_of, labels_in, value_labels_of, value_of, word
from highground.methods.facts import load_dictionary
from highground.methods.rules.procedure.graph import Through
from highground.methods.rules.reading import load_rulebook
from highground.methods.rules.statement import EXITED, facts_needed
from tests.support.casework import lead, start
from tests.support.register import TODAY

FILES = sorted(FOLDER.glob("*.yaml"))
RULEBOOKS = sorted((Path(highground.__file__).parent / "data" / "rulebooks").glob("*.yaml"))


def asked() -> dict[str, set[str]]:
    """Facts by name, with their values, that a shipped rulebook reads and that somebody could be asked about."""
    found = {}
    for file in RULEBOOKS:
        book = load_rulebook(str(file))
        for name in facts_needed(book, EXITED) - {"monitored"}:
            found[name] = set(book.dictionary[name].values)
    return found


def test_the_phone_speaks_four_languages_beyond_those_of_the_office() -> None:
    assert [file.stem for file in FILES] == ["km", "lo", "my", "th"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_fact_that_is_asked_has_a_name(file) -> None:
    labels, wanted = labels_in(file.stem), asked()
    shipped = set(load_dictionary()) & set(wanted)
    assert set(wanted) - set(labels.facts) == set()
    assert set(labels.facts) - set(wanted) == set(), "no rulebook reads these"
    assert {name: set(labels.values.get(name, {})) for name in shipped} == {
        name: wanted[name] for name in shipped
    }
    assert set(labels.meanings) == set(labels.facts), "each says what exactly is asked"
    for name in PERSON[:2]:
        assert set(labels.values[name]) == set(load_dictionary()[name].values), "a card says who is who"
    texts = [
        *labels.facts.values(),
        *labels.meanings.values(),
        *(text for values in labels.values.values() for text in values.values()),
    ]
    assert all(text.strip() == text and text and not text.isascii() for text in texts)
    sentences = [set(labels_in(one.stem).words) for one in FILES]
    assert all(one == sentences[0] for one in sentences)
    assert all(
        set(re.findall(r"%\(\w+\)s", one)) == set(re.findall(r"%\(\w+\)s", text))
        for one, text in labels.words.items()
    )
    assert yaml.safe_load(file.read_text())["draft"], "the file says who answers for it"


def named() -> set[str]:
    """What shipped rulebooks by which cases are led name: their classes, their clues, and how their visits can end."""
    found: set[str] = set()
    for file in RULEBOOKS:
        book = load_rulebook(str(file))
        if book.procedure:
            ends = [one for step in book.procedure.through(Through.VISIT) for one in step.outcomes.values()]
            found |= {one.label["en"] for one in (*book.classes, *book.clues, *ends)}
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_everything_that_a_rulebook_names_on_the_phone_has_a_name(file) -> None:
    rules = labels_in(file.stem).rules
    assert set(rules) == named()
    assert all(text.strip() == text and text and not text.isascii() for text in rules.values())


@pytest.mark.django_db
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_card_and_the_reason_to_go_say_no_class_and_no_rule_in_english(village, file) -> None:
    case = start(village.households["2231"], village.staff["weilan"])
    case = lead(case, village.staff, to="visit")
    case.proposed_class = "sudden_severe"
    case.save(update_fields=["proposed_class"])
    user = village.staff["huangmei"]
    with override(file.stem):
        card = cards_of([case.household.key], user, TODAY)[0]
        whys = [one["why"] for one in due_of(user, TODAY)]
    said = [
        card["tag"],
        *(one["label"] for one in card["form"]["outcomes"]),
        *(label for _id, label in card["form"]["classes"]),
        *(one[words] for one in card["form"]["questions"] for words in ("why", "hint")),
        *whys,
    ]
    assert len(said) > 5 and not [one for one in said if re.search("[A-Za-z]{3}", one)]
    assert whys


def test_what_has_no_name_in_a_language_is_said_in_english() -> None:
    fact = load_dictionary()["risks"]
    with override("th"):
        assert label_of(fact) == "ความเสี่ยง"
        assert ["illness", "เจ็บป่วย"] in value_labels_of(fact)
        assert value_of(fact, "illness;other", "CNY") == "เจ็บป่วย, อื่น ๆ"
        assert value_of(load_dictionary()["relocated"], "false", "CNY") == word("no") == "ไม่ใช่"
        assert value_of(fact, "", "CNY") == word("none") == "ไม่มี"
    with override("vi"):
        assert label_of(fact) == "Risks"
        assert ["illness", "Illness"] in value_labels_of(fact)
    with override("zh-hans"):
        assert label_of(fact) == "返贫致贫风险"
