"""The register of legal bases: for each feed what it is for, what of it is kept and why, how long, and what a refusal means."""

from __future__ import annotations

from collections.abc import Iterator

from highground.methods.feeds.definitions import Feed, Feeds
from highground.methods.feeds.uses import Uses, Wanted

WORDS = {
    "en": {
        "purpose": "purpose", "authority": "authority", "source": "source", "verified": "checked against the source",
        "unverified": "not checked against a law: the country that uses it fills this in",
        "kept": "kept", "why": "for", "left": "read to check a row, not kept", "months": "kept for {} months",
        "refusal": "when a family refuses", "asked": "landed for households alone that authorised it",
        "unused": "no rule in use needs it: nothing of it is landed", "person": "which household, which member",
        "household": "which household",
    },
    "zh": {
        "purpose": "目的", "authority": "依据", "source": "来源", "verified": "已核对来源",
        "unverified": "尚未对照法律核实：由使用国填写",
        "kept": "留存", "why": "用于", "left": "仅用于校验，不留存", "months": "留存{}个月",
        "refusal": "家庭拒绝时", "asked": "仅限已签署授权书的家庭",
        "unused": "现行规则均不需要，不接收任何内容", "person": "所属家庭和成员",
        "household": "所属家庭",
    },
}  # fmt: skip


def basis_of(feeds: Feeds, uses: Uses, language: str) -> str:
    """The register as text. `uses` says which rules in use read which fact."""
    return "\n\n".join("\n".join(_lines(feed, uses, language)) for feed in feeds.values())


def _lines(feed: Feed, uses: Uses, language: str) -> Iterator[str]:
    words, basis = WORDS[language], feed.basis
    yield f"{feed.name}: {feed.label[language]} ({feed.department[language]})"
    yield f"  {words['purpose']}: {basis.purpose[language]}"
    checked = words["verified"] if basis.verified else words["unverified"]
    yield f"  {words['authority']}: {basis.authority[language]} ({checked})"
    if basis.source:
        yield f"  {words['source']}: {basis.source}"
    wanted = Wanted(feed, tuple(fact for name, fact in feed.facts.items() if uses.get(name)))
    if not wanted.facts:
        yield f"  {words['unused']}"
        return
    if basis.authorisation:
        yield f"  {words['asked']}"
    yield f"  {words['kept']}: {words['person' if wanted.persons else 'household']}"
    for name in wanted.fields:
        facts = [
            fact.name
            for fact in wanted.facts
            if name in fact.fields or (name == feed.month and fact.needs_day)
        ]
        yield f"  {words['kept']}: {feed.fields[name].label[language]} ({name})"
        for named in facts:
            yield f"    {words['why']} {named}: {', '.join(uses[named])}"
    for fact in wanted.facts:
        if not fact.fields:
            yield f"    {words['why']} {fact.name}: {', '.join(uses[fact.name])}"
    left = [field.label[language] for name, field in feed.fields.items() if name not in wanted.fields]
    if left:
        yield f"  {words['left']}: {', '.join(left)}"
    yield f"  {words['months'].format(basis.retention_months)}"
    yield f"  {words['refusal']}: {basis.refusal[language]}"
