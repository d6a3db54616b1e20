"""Profiles: made, claimed by their owners, changed, vetted by two people, erased; and the lines that speak for them."""

from __future__ import annotations

import datetime
import hashlib
import secrets
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from highground.accounts.models import User
from highground.audit.actions import record
from highground.knowledge.enums import Field, Gender, Institution, LineKind, LineStatus, Standing
from highground.knowledge.ground import KnowledgeError, may_curate
from highground.knowledge.languages import tidy
from highground.knowledge.marks import next_mark
from highground.knowledge.models import Claim, Expert, Line, Merge, Practice, Vetting
from highground.methods.search.glossary import LANGUAGES, load_glossary

OPEN_FOR = datetime.timedelta(days=30)
"""How long an invitation can be used."""
TWO = 2
CHOICES = ("place", "institution", "gender", "about", "free_from", "orcid", "conflicts")
"""Fields that everybody reads only if the person wants it. Name, country, languages and fields are the profile itself."""
EDITABLE = (
    "name", "country", "place", "languages", "fields", "declared", "institution", "kind", "gender", "about",
    "about_language", "free_from", "conflicts", "orcid", "shown",
)  # fmt: skip
LONGEST_ABOUT = 4_000
TOGETHER = {"CJK", "IDEOGRAPHIC", "HIRAGANA", "KATAKANA"}
"""Scripts that stand in one word of an honest name."""


@dataclass(frozen=True)
class Suggested:
    """A line that a file or a curator brings: `key` names it at its source."""

    kind: LineKind
    text: str
    key: str
    language: str = "en"
    year: int | None = None
    source: str = "curator"
    practice: Practice | None = None


def clean_profile(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a profile in one form. Raises KnowledgeError for what cannot be, with what to do instead."""
    cleaned = dict(values)
    name = cleaned["name"] = tidy(str(cleaned.get("name", "")))
    if not name or len(name) > 120:
        raise KnowledgeError(_("A name has 1 to 120 characters."))
    if strange := mixed_scripts(name):
        raise KnowledgeError(
            _(
                "The name mixes %(scripts)s in one word, as names of impostors do. Write each word in one script."
            )
            % {"scripts": ", ".join(strange)}
        )
    cleaned["about"] = tidy(str(cleaned.get("about", "")))
    if len(cleaned["about"]) > LONGEST_ABOUT:
        raise KnowledgeError(_("Use at most %(count)s characters about yourself.") % {"count": LONGEST_ABOUT})
    for column, known in (
        ("languages", LANGUAGES), ("fields", Field.values), ("declared", load_glossary().concepts), ("shown", CHOICES),
    ):  # fmt: skip
        given = list(dict.fromkeys(cleaned.get(column, [])))
        if unknown := [one for one in given if one not in known]:
            raise KnowledgeError(
                _("%(column)s: not known: %(value)s") % {"column": column, "value": str(unknown[0])[:40]}
            )
        cleaned[column] = given
    if cleaned.get("kind") not in Institution.values:
        raise KnowledgeError(_("Choose the kind of institution."))
    if cleaned.get("gender", "") not in Gender.values:
        raise KnowledgeError(_("Choose how you describe yourself, or leave it empty."))
    return cleaned


def mixed_scripts(name: str) -> list[str]:
    """The scripts that a single word of a name mixes, as Latin with Cyrillic look-alikes; none for honest names.

    A name in two scripts, a word in each ("Qin Hao 覃浩"), is no mixture.
    """
    for word in name.split():
        scripts = {unicodedata.name(letter, "?").split(" ")[0] for letter in word if letter.isalpha()}
        if len(scripts) > 1 and not scripts <= TOGETHER:
            return sorted(one.capitalize() for one in scripts)
    return []


@transaction.atomic
def add_expert(
    values: Mapping[str, Any],
    *,
    by: str,
    today: datetime.date,
    standing: Standing = Standing.WAITING,
    synthetic: bool = False,
    basis: str,
) -> Expert:
    """A new profile without an owner; it waits until two curators have looked at it. One event."""
    cleaned = clean_profile(values)
    expert: Expert = Expert.objects.create(
        **cleaned, code=_free_code(cleaned), basis=basis, standing=standing, synthetic=synthetic, by=by, added_on=today,
        confirmed_on=today, mark=next_mark(),
    )  # fmt: skip
    _record("knowledge.profile", expert, by)
    return expert


def _free_code(values: Mapping[str, Any]) -> str:
    base = slugify(values["name"])[:40] or "expert"
    stem = f"{values['country'].lower()}-{base}"
    taken = set(Expert.objects.filter(code__startswith=stem).values_list("code", flat=True))
    return next(
        code
        for number in range(1, len(taken) + 3)
        if (code := stem if number == 1 else f"{stem}-{number}") not in taken
    )


@transaction.atomic
def change_profile(expert: Expert, values: Mapping[str, Any], *, by: Any, today: datetime.date) -> None:
    """The owner, or a curator while there is none, changes a profile and so confirms it. One event."""
    _only_owner(expert, by, today)
    cleaned = clean_profile({**{name: getattr(expert, name) for name in EDITABLE}, **values})
    for name in EDITABLE:
        setattr(expert, name, cleaned[name])
    expert.confirmed_on, expert.mark = today, next_mark()
    expert.save()
    _record("knowledge.change", expert, str(by.pk))


def _only_owner(expert: Expert, by: Any, today: datetime.date) -> None:
    if expert.owner_id == by.pk or (expert.owner_id is None and may_curate(by, today)):
        return
    raise KnowledgeError(
        _("A profile is changed by its owner, and by a curator only while nobody has claimed it.")
    )


@transaction.atomic
def invite(expert: Expert, *, by: Any, today: datetime.date) -> str:
    """The token of an invitation, shown once to the curator who sends it. Earlier invitations end. One event."""
    if not may_curate(by, today):
        raise KnowledgeError(_("Invitations are made by a curator."))
    if expert.owner_id is not None:
        raise KnowledgeError(_("This profile has been claimed already."))
    Claim.objects.filter(expert=expert, used_on__isnull=True).delete()
    token = secrets.token_urlsafe(24)
    Claim.objects.create(expert=expert, token_hash=_hashed(token), until=today + OPEN_FOR, by=str(by.pk))
    _record("knowledge.invite", expert, str(by.pk))
    return token


def open_claim(token: str, today: datetime.date) -> Claim | None:
    """The invitation behind a token, while it can be used."""
    return (
        Claim.objects.select_related("expert")
        .filter(
            token_hash=_hashed(token), used_on__isnull=True, until__gte=today, expert__owner__isnull=True,
            expert__merged_into__isnull=True,
        )
        .first()
    )  # fmt: skip


@transaction.atomic
def claim(token: str, *, by: User, today: datetime.date) -> Expert:
    """Whoever brings the token becomes the owner of the profile. Of two who bring it at once, one. One event."""
    found = open_claim(token, today)
    if found is None or Claim.objects.filter(pk=found.pk, used_on__isnull=True).update(used_on=today) != 1:
        raise KnowledgeError(
            _(
                "This invitation has been used, or its time is over. Ask the curator who sent it for another one."
            )
        )
    if Expert.objects.filter(owner=by).exists():
        raise KnowledgeError(_("You have a profile already. Ask a curator to merge the two."))
    if (
        Expert.objects.filter(pk=found.expert_id, owner__isnull=True).update(owner=by, confirmed_on=today)
        != 1
    ):
        raise KnowledgeError(_("This profile has been claimed already."))
    found.expert.refresh_from_db()
    _record("knowledge.claim", found.expert, str(by.pk))
    return found.expert


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def vet(expert: Expert, *, by: Any, today: datetime.date) -> bool:
    """A curator agrees to a profile; whether it is published now, which takes two. One event."""
    if not may_curate(by, today):
        raise KnowledgeError(_("Profiles are vetted by a curator."))
    if expert.owner_id == by.pk:
        raise KnowledgeError(_("Nobody vets their own profile."))
    locked = Expert.objects.select_for_update().get(pk=expert.pk)
    if locked.standing == Standing.WITHDRAWN:
        raise KnowledgeError(_("This profile has been withdrawn."))
    _vetting, fresh = Vetting.objects.get_or_create(expert=locked, by=str(by.pk), defaults={"on": today})
    if not fresh:
        raise KnowledgeError(_("You have agreed already. A second person must look at it."))
    enough = Vetting.objects.filter(expert=locked).count() >= TWO
    if enough and locked.standing == Standing.WAITING:
        locked.standing, locked.mark = Standing.PUBLISHED, next_mark()
        locked.save(update_fields=["standing", "mark"])
    _record("knowledge.vet", locked, str(by.pk), published=enough)
    return enough


@transaction.atomic
def withdraw(expert: Expert, *, by: Any, today: datetime.date, reason: str) -> None:
    """A curator takes a profile off the public pages, with a reason; one event."""
    if not may_curate(by, today):
        raise KnowledgeError(_("Profiles are withdrawn by a curator, and erased by their owner."))
    if not reason.strip():
        raise KnowledgeError(_("Say why it is taken back."))
    expert.standing, expert.mark = Standing.WITHDRAWN, next_mark()
    expert.save(update_fields=["standing", "mark"])
    Vetting.objects.filter(expert=expert).delete()
    _record("knowledge.withdrawn", expert, str(by.pk), reason=len(reason))


@transaction.atomic
def erase(expert: Expert, *, by: Any, today: datetime.date) -> None:
    """The owner's wish: nothing about the person stays but that somebody was asked, and what was answered. One event.

    Profiles that were merged into this one are the same person's and are erased with it.
    """
    _only_owner(expert, by, today)
    for one in (expert, *Expert.objects.filter(merged_into=expert)):
        _empty(one)
    Merge.objects.filter(kept=expert).delete()
    _record("knowledge.erase", expert, str(by.pk))


def _empty(expert: Expert) -> None:
    Line.objects.filter(expert=expert).delete()
    Claim.objects.filter(expert=expert).delete()
    Vetting.objects.filter(expert=expert).delete()
    expert.name, expert.code = "–", f"erased-{expert.pk}"
    expert.place = expert.institution = expert.about = expert.conflicts = expert.orcid = ""
    expert.gender, expert.languages, expert.fields, expert.declared, expert.shown = "", [], [], [], []
    expert.free_from, expert.owner, expert.basis = None, None, ""
    expert.standing, expert.mark = Standing.WITHDRAWN, next_mark()
    expert.save()


@transaction.atomic
def add_lines(
    expert: Expert,
    lines: Iterable[Suggested],
    *,
    by: str,
    today: datetime.date,
    status: LineStatus = LineStatus.SUGGESTED,
) -> int:
    """Lines that the profile does not have yet; how many. They count once they are confirmed. One event."""
    glossary = load_glossary()
    wanted = {one.key[:200]: one for one in lines}
    held = set(Line.objects.filter(expert=expert, key__in=wanted).values_list("key", flat=True))
    fresh = [
        Line(
            expert=expert, kind=one.kind, text=tidy(one.text)[:400], language=one.language, year=one.year, key=key,
            practice=one.practice, source=one.source, status=status,
            concepts=one.practice.concepts if one.practice else glossary.concepts_in(one.text, one.language),
        )
        for key, one in wanted.items()
        if key not in held
    ]  # fmt: skip
    Line.objects.bulk_create(fresh)
    if fresh:
        _touch(expert)
        _record("knowledge.lines", expert, by, count=len(fresh), status=str(status))
    return len(fresh)


@transaction.atomic
def settle_lines(expert: Expert, ids: Iterable[int], *, mine: bool, by: Any, today: datetime.date) -> int:
    """The owner says of suggested lines that they are theirs, or not; how many. One event."""
    _only_owner(expert, by, today)
    status = LineStatus.CONFIRMED if mine else LineStatus.REFUSED
    count = Line.objects.filter(expert=expert, pk__in=list(ids), status=LineStatus.SUGGESTED).update(
        status=status
    )
    if count:
        _touch(expert)
        _record("knowledge.settle", expert, str(by.pk), count=count, status=str(status))
    return count


def _touch(expert: Expert) -> None:
    expert.mark = next_mark()
    Expert.objects.filter(pk=expert.pk).update(mark=expert.mark)


def _record(kind: str, expert: Expert, by: str, **data: Any) -> None:
    record(kind, by=by, subject_kind="expert", subject_id=str(expert.pk), data=data)
