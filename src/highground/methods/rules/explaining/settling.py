"""What would settle what cannot be told: the missing and stale facts, and the missing parameters, that matter."""

from __future__ import annotations

from highground.methods.rules.explaining.case import Case, Json
from highground.methods.rules.explaining.values import fact_status, missing_parameter
from highground.methods.rules.gaps import Gap, gaps


def described(case: Case, gap: Gap) -> Json:
    """A gap as data, with its words."""
    member = None if gap.member is None else gap.member.id
    found: Json = {
        "kind": gap.kind,
        "name": gap.name,
        "member": member,
        "status": "missing",
        "stale_since": None,
    }
    if gap.kind == "members":
        return {
            **found,
            "label": {"en": "member rows", "zh": "成员记录"},
            "said": _missing(case, "members", gap, None),
        }
    if gap.kind == "parameter":
        label = dict(case.book.parameters[gap.name].label)
        return {**found, "label": label, "said": missing_parameter(case, gap.name)}
    label = dict(case.book.dictionary[gap.name].label)
    status = fact_status(case, gap.name, gap.member)
    said = _missing(case, gap.name, gap, status["stale_since"] if status["status"] == "stale" else None)
    return {**found, **status, "label": label, "said": said}


def _missing(case: Case, name: str, gap: Gap, since: str | None) -> dict[str, str]:
    if name == "members":
        return {"en": "there are no member rows", "zh": "没有成员记录"}
    label = case.book.dictionary[name].label
    english = f"“{label['en']}”" if ":" in label["en"] else label["en"]
    chinese = f"“{label['zh']}”"
    if gap.member is not None:
        english, chinese = f"{english} of member {gap.member.id}", f"成员{gap.member.id}的{chinese}"
    if since is not None:
        return {"en": f"{english} is stale since {since}", "zh": f"{chinese}自{since}起已过期"}
    return {"en": f"{english} is missing", "zh": f"{chinese}缺失"}


def settles(case: Case) -> list[Json]:
    """For the class verdict and each clue rule that cannot be told: what would settle it."""
    found = []
    if case.judgement.class_verdict == "cannot_tell":
        merged: list[Gap] = []
        for class_ in case.book.classes:
            merged += [gap for gap in gaps(case.answers, class_.expression.tree) if gap not in merged]
        found.append(_settling(case, "class", None, {"en": "the class", "zh": "类别"}, merged))
    for clue in case.book.clues:
        if clue.id in case.judgement.undecided:
            found.append(
                _settling(case, "clue", clue.id, dict(clue.label), gaps(case.answers, clue.expression.tree))
            )
    return found


def _settling(case: Case, kind: str, of: str | None, label: dict[str, str], found: list[Gap]) -> Json:
    return {"kind": kind, "id": of, "label": label, "gaps": [described(case, gap) for gap in found]}
