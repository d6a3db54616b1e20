"""Who judges what: never a conflict, against every assignment that there is on small instances."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import combinations, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.panel import draw, violations
from highground.methods.allocate.panel import (
    FILLED,
    WOMAN,
    Demand,
    Expert,
    assign,
    conflicted,
    fit,
    merged,
    needs_interpreter,
)

PARTIES = ["ministry", "bank", "a@example.org", "b@example.org"]
names = st.frozensets(st.sampled_from(PARTIES), max_size=2)


def experts(count: int) -> st.SearchStrategy[list[Expert]]:
    one = st.builds(
        Expert,
        code=st.just("?"),
        country=st.sampled_from(["CN", "LA"]),
        fields=st.frozensets(st.sampled_from(["roads", "trade"])),
        languages=st.frozensets(st.sampled_from(["en", "lo"])),
        known_as=names,
        must_not=names,
        most=st.integers(1, 2),
        woman=st.booleans(),
        away=st.frozensets(st.sampled_from(["morning", "evening"]), max_size=1),
    )
    return st.lists(one, min_size=1, max_size=count).map(
        lambda rows: [Expert(**{**vars(row), "code": f"e{place}"}) for place, row in enumerate(rows)]
    )


def demands(count: int) -> st.SearchStrategy[list[Demand]]:
    one = st.builds(
        Demand,
        code=st.just("?"),
        country=st.sampled_from(["", "CN", "LA"]),
        field=st.sampled_from(["", "roads", "trade"]),
        languages=st.frozensets(st.sampled_from(["en", "lo"]), max_size=1),
        parties=names,
        seats=st.integers(1, 2),
        time=st.sampled_from(["", "morning", "evening"]),
        women=st.integers(0, 2),
        of_country=st.sampled_from([None, 1]),
        interpreted=st.integers(0, 1),
    )
    return st.lists(one, min_size=1, max_size=count).map(
        lambda rows: [Demand(**{**vars(row), "code": f"d{place}"}) for place, row in enumerate(rows)]
    )


@settings(max_examples=25, deadline=None)
@given(experts(12), demands(10))
def test_nobody_with_a_conflict_is_ever_chosen(people, asked) -> None:
    found = assign(people, asked, seconds=2)
    known = {one.code: one for one in merged(people)}
    wanted = {one.code: one for one in asked}
    assert [pair for pair in found.pairs if conflicted(known[pair[1]], wanted[pair[0]])] == []
    for one in people:
        assert sum(expert == one.code for _demand, expert in found.pairs) <= one.most
    for one in asked:
        held = sum(demand == one.code for demand, _expert in found.pairs)
        assert held + found.empty.get(one.code, 0) == one.seats
    assert found.score <= found.bound


@settings(max_examples=20, deadline=None)
@given(experts(4), demands(2))
def test_as_good_as_the_best_of_all_assignments(people, asked) -> None:
    pytest.importorskip("ortools")
    known = {one.code: one for one in merged(people)}

    def open_to(demand: Demand) -> list[str]:
        return [
            one.code
            for one in known.values()
            if not conflicted(one, demand)
            and not (demand.country and one.country == demand.country)
            and (demand.interpreted or not needs_interpreter(one, demand))
            and demand.time not in one.away
        ]

    def most_of_country(tables: tuple[str, ...]) -> int:
        return max(Counter(known[code].country for code in tables).values(), default=0)

    def person(code: str) -> frozenset[str]:
        return frozenset(name for name in known[code].known_as if "@" in name) or frozenset({code})

    choices = [
        [
            tables
            for size in range(one.seats + 1)
            for tables in combinations(open_to(one), size)
            if len({person(code) for code in tables}) == size
            and (one.of_country is None or most_of_country(tables) <= one.of_country)
            and sum(needs_interpreter(known[code], one) for code in tables) <= one.interpreted
        ]
        for one in asked
    ]
    best = -10_000
    for tables in product(*choices):
        if all(sum(one.code in table for table in tables) <= one.most for one in people):
            worth = sum(
                FILLED + fit(known[code], one)
                for one, table in zip(asked, tables, strict=True)
                for code in table
            ) - sum(
                WOMAN * max(0, one.women - sum(known[code].woman for code in table))
                for one, table in zip(asked, tables, strict=True)
            )
            best = max(best, worth)
    found = assign(people, asked, seconds=5)
    assert (found.score, found.bound, found.proven) == (best, best, True)


def test_one_person_under_two_names_carries_the_conflicts_of_both() -> None:
    people = [
        Expert("li", known_as=frozenset({"li@example.org", "ministry"})),
        Expert("lee", known_as=frozenset({"LI@example.org", "university"})),
        Expert("third"),
    ]
    found = assign(people, [Demand("entry", parties=frozenset({"Ministry"}), seats=2)])
    assert found.pairs == {("entry", "third")}
    assert found.empty == {"entry": 1}


def test_what_to_relax_is_named() -> None:
    people = [Expert("one", country="LA", languages=frozenset({"en"}), most=1)]
    asked = [Demand("a", country="LA", languages=frozenset({"en"}), seats=1)]
    found = assign(people, asked)
    assert found.empty == {"a": 1}
    assert found.relief == {"load": 0, "own country": 1, "language": 0}
    away = [
        Expert("one", away=frozenset({"noon"})),
        Expert("two", country="LA"),
        Expert("three", country="LA"),
    ]
    found = assign(away, [Demand("a", seats=3, time="noon", of_country=1)])
    assert found.empty == {"a": 2}
    assert found.relief == {"load": 0, "own country": 0, "language": 0, "time": 1, "countries": 1}


def test_what_is_kept_stays_and_a_kept_conflict_is_refused() -> None:
    people = [Expert("one", fields=frozenset({"roads"})), Expert("two"), Expert("three")]
    asked = [Demand("a", field="roads", seats=1)]
    assert assign(people, asked, kept=[("a", "two")]).pairs == {("a", "two")}
    with pytest.raises(ValueError, match="one was kept for a and has a conflict"):
        assign(people, [Demand("a", parties=frozenset({"one"}))], kept=[("a", "one")])


def test_who_needs_an_interpreter_is_said_and_only_so_many_sit() -> None:
    english, lao = frozenset({"en"}), frozenset({"lo"})
    people = [Expert(name, languages=lao, fields=frozenset({"roads"})) for name in ("one", "two")]
    people.append(Expert("three", languages=english))
    asked = Demand("a", field="roads", languages=english, seats=2)
    assert assign(people, [asked]).empty == {"a": 1}
    found = assign(people, [replace(asked, interpreted=1)])
    assert found.pairs == {("a", "one"), ("a", "three")} and found.interpreted == {("a", "one")}
    few = assign(people, [replace(asked, seats=3, interpreted=1)])
    assert few.empty == {"a": 1} and few.relief["language"] == 1


def test_asked_again_it_changes_no_seat_that_can_stay() -> None:
    people = [Expert(name, most=1) for name in ("one", "two", "three", "four")]
    asked = [Demand(name, seats=1) for name in ("a", "b")]
    before = frozenset({("a", "one"), ("b", "two")})
    better = {(demand, name): 100 for demand in ("a", "b") for name in ("three", "four")}
    again = assign(people, asked, before=before, affinity=better)
    assert again.pairs == before and again.changed == 0
    assert assign(people, asked, affinity=better).pairs.isdisjoint(before)
    people[0] = replace(people[0], must_not=frozenset({"party"}))
    asked[0] = replace(asked[0], parties=frozenset({"party"}))
    third = assign(people, asked, before=before, affinity=better)
    assert third.changed == 1 and ("b", "two") in third.pairs and not third.empty


def test_a_large_instance_is_pruned_and_bounded_over_all_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small twin of `./run bench panel`: what is searched is a fraction, the bound is that of everything."""
    pytest.importorskip("ortools")
    people, asked, points = draw(200, 6, seed=3)
    whole = assign(people, asked, affinity=points, seconds=10)
    assert whole.proven
    for name, few in {"MANY": 100, "BEST": 20}.items():
        monkeypatch.setattr(
            f"highground.methods.allocate.{'panel' if name == 'MANY' else 'seating'}.{name}", few
        )
    pruned = assign(people, asked, affinity=points, seconds=10)
    assert pruned.score <= whole.score <= pruned.bound
    assert (pruned.bound - pruned.score) / pruned.score < 0.005
    assert violations(people, asked, pruned) == 0
    held = {one.code: one for one in people}
    for one in asked:
        table = [held[expert] for demand, expert in pruned.pairs if demand == one.code]
        assert len(table) == 5 and sum(who.woman for who in table) >= 2
        assert max(Counter(who.country for who in table).values()) <= 2
        assert all(one.time not in who.away for who in table)
