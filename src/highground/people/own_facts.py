"""A rulebook's own facts on the register: what each of them means is kept beside its values."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from highground.audit.actions import record
from highground.methods.facts import Fact
from highground.people import bulk
from highground.people.actions import RegisterError
from highground.people.models import OwnFact
from highground.people.queries import register_dictionary

LONGEST = 60


def learn_facts(facts: Iterable[Fact], *, rulebook: str, by: str) -> None:
    """Let the register take values of a rulebook's own facts, in the words of its latest version.

    One transaction, one event if anything is new. Raises RegisterError as `refuse_other_meanings` does.
    """
    with transaction.atomic():
        bulk.one_at_a_time()
        arriving = {fact.name: fact.as_entry() for fact in refuse_other_meanings(facts, rulebook=rulebook)}
        known = {one.name: one for one in OwnFact.objects.filter(name__in=arriving)}
        changed = [
            one for name, one in known.items() if one.rulebook == rulebook and one.entry != arriving[name]
        ]
        for one in changed:
            one.entry = arriving[one.name]
        OwnFact.objects.bulk_update(changed, ["entry"])
        new = sorted(set(arriving) - set(known))
        OwnFact.objects.bulk_create(
            OwnFact(name=name, rulebook=rulebook, entry=arriving[name]) for name in new
        )
        if new or changed:
            record(
                "people.learn_facts",
                by=by,
                subject_kind="rulebook",
                subject_id=rulebook,
                data={"new": new, "changed": sorted(one.name for one in changed)},
            )


def refuse_other_meanings(facts: Iterable[Fact], *, rulebook: str) -> list[Fact]:
    """The same facts. Raises RegisterError where one means something else on the register: values would mix."""
    dictionary, given = register_dictionary(), list(facts)
    for fact in given:
        if len(fact.name) > LONGEST:
            raise RegisterError(
                f"{rulebook}: '{fact.name}' has more than {LONGEST} characters; give it a shorter name"
            )
        known = dictionary.get(fact.name)
        if known is not None and not known.holds_like(fact):
            raise RegisterError(
                f"{rulebook}: its own fact '{fact.name}' is not what the register knows by that name (a {known.type} of "
                f"a {known.entity}), so their values would mix; give the rulebook's fact another name"
            )
    return given
