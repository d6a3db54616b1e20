"""The verdict in words: a headline and the reason in one sentence. A class is never stated as a fact."""

from __future__ import annotations

from collections.abc import Iterator

from highground.methods.rules.explaining.case import Case, in_languages
from highground.methods.rules.explaining.settling import described
from highground.methods.rules.gaps import Gap, gaps
from highground.methods.rules.intervals import NO, UNKNOWN
from highground.methods.rules.sentences.speaking import speaker
from highground.methods.rules.sentences.witness import Witness
from highground.methods.rules.tree import And, Node

MOST_GAPS = 4


def headline(case: Case) -> dict[str, str]:
    """The verdict in a few words: "Possible: household in sudden severe difficulty"."""
    judgement = case.judgement
    for class_ in case.book.classes:
        if class_.id == judgement.class_id:
            return {"en": f"Possible: {class_.label['en']}", "zh": f"疑似：{class_.label['zh']}"}
    if judgement.class_verdict == "cannot_tell":
        return {"en": "Cannot tell", "zh": "无法判断"}
    fired = [clue.label for clue in case.book.clues if clue.id in judgement.fired]
    if fired:
        return {
            "en": f"No class, but a clue: {'; '.join(label['en'] for label in fired)}",
            "zh": f"不属于任何类别，但有线索：{'；'.join(label['zh'] for label in fired)}",
        }
    return {"en": "No class", "zh": "不属于任何类别"}


def why(case: Case) -> dict[str, str]:
    """The reason for the class verdict, as one sentence with the figures in it."""
    return in_languages(lambda language: finished(_why(case, language), language))


def finished(clause: str, language: str) -> str:
    """A clause as a sentence."""
    return f"{clause}。" if language == "zh" else f"{clause[:1].upper()}{clause[1:]}."


def _why(case: Case, language: str) -> str:
    judgement = case.judgement
    if judgement.class_verdict == "cannot_tell":
        return cannot_tell(case, [class_.expression.tree for class_ in case.book.classes], language)
    witness = Witness(speaker(case.book, language), case.answers)
    for class_ in case.book.classes:
        if class_.id == judgement.class_id:
            return witness.say(class_.expression.tree)
    reasons = list(_failing(case, witness))
    if not reasons:
        return {"en": "the rulebook names no class", "zh": "该规则未设类别"}[language]
    return witness.speaker.grammar.both(reasons, depth=0)


def _failing(case: Case, witness: Witness) -> Iterator[str]:
    """Why no class applies: what every class fails by, if there is such a thing, else what each one fails by."""
    failing = [_failed(case, witness, class_.expression.tree) for class_ in case.book.classes]
    if not failing:
        return
    shared = [text for text in failing[0] if all(text in texts for texts in failing)]
    if shared:
        yield shared[0]
        return
    seen: set[str] = set()
    for texts in failing:
        if not seen & set(texts):
            seen.add(texts[0])
            yield texts[0]


def _failed(case: Case, witness: Witness, tree: Node) -> list[str]:
    operands = tree.operands if isinstance(tree, And) else (tree,)
    return [witness.say(operand) for operand in operands if case.value(operand) == NO]


def cannot_tell(case: Case, trees: list[Node], language: str) -> str:
    """What is missing or stale, the first few."""
    found: list[Gap] = []
    for tree in trees:
        found += [gap for gap in gaps(case.answers, tree) if gap not in found]
    said = [described(case, gap)["said"][language] for gap in found]
    shown, rest = said[:MOST_GAPS], len(said) - MOST_GAPS
    if rest > 0:
        more = f"{rest} more {'value is' if rest == 1 else 'values are'} not known"
        shown.append({"en": more, "zh": f"另有{rest}项未知"}[language])
    if not shown:  # known values whose ranges still overlap
        return {"en": "what is known does not decide it", "zh": "已知信息不足以判断"}[language]
    return speaker(case.book, language).grammar.both(shown, depth=0)


def rule_why(case: Case, tree: Node) -> dict[str, str]:
    """The reason for the verdict on one rule."""

    def said(language: str) -> str:
        if case.value(tree) == UNKNOWN:
            return finished(cannot_tell(case, [tree], language), language)
        return finished(Witness(speaker(case.book, language), case.answers).say(tree), language)

    return in_languages(said)
