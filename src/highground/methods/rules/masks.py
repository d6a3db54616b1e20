"""A rulebook as SQL for a whole country: answers as bits, the members' sums apart, details only for who is flagged.

Three queries, which read one another's tables:
1. `member_sums()` over `m`: one row per household with every sum over its members.
2. `base()` over `h` and `sums`: everything that is known of a household, in one row.
3. `flagged()` over `base`, with the bits `before` of the run before beside: which rules are yes (`yes`) and which
   cannot be told (`maybe`), as bits; and for whom there is something to say what is unknown or stale, the vetoes, all
   values used. This and `scores()` go on after `WITH base AS (...)`.

Bits and integers only, so that every engine gives the same. `Bits` says what each bit means; the manifest of a run
carries it. The tables `h` and `m` are those of `statement.py`; `h` has no ranks, which `base` is given beside.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from highground.methods.rules.compiling import integer
from highground.methods.rules.ranking import WHOLE, ranked_items, score
from highground.methods.rules.rulebook import Rank, Rulebook, RulebookError
from highground.methods.rules.statement import Statement, facts_needed

MOST = 62


@dataclass(frozen=True)
class Bits:
    """What the bits of a run mean, lowest first: `rules` are the classes and then the clue rules.

    `vetoes` names each veto, and `VETO.EXCEPTION` each exception.
    """

    classes: int
    rules: tuple[str, ...]
    unknown: tuple[str, ...]
    stale: tuple[str, ...]
    vetoes: tuple[str, ...]


def names_of(mask: int, names: Iterable[str]) -> list[str]:
    """The names whose bits are set, in their order."""
    return [name for index, name in enumerate(names) if mask >> index & 1]


class MaskStatement(Statement):
    """The queries of one rulebook. Raises RulebookError where it has more rules than bits."""

    member_keys = ("household", "county")

    def __init__(self, book: Rulebook) -> None:
        super().__init__(book)
        self._stages = self.stages(self.items())
        self._scores = {name: score(self, one) for name, one in book.ranks.items()}
        self._unknown, self._stale, self._veto_bits = (
            dict(self.unknown()),
            dict(self.stale()),
            dict(self._veto_pairs()),
        )
        rules = [*book.classes, *book.clues]
        for what, names in (
            ("classes and clue rules", rules),
            ("named conditions in its classes", self._unknown),
            ("facts", self._stale),
            ("vetoes and exceptions", self._veto_bits),
        ):
            if len(names) > MOST:
                raise RulebookError(
                    f"{book.id}: has {len(names)} {what}; a country is screened with at most {MOST}"
                )
        self.bits = Bits(
            len(book.classes),
            tuple(rule.id for rule in rules),
            tuple(self._unknown),
            tuple(self._stale),
            tuple(self._veto_bits),
        )

    # --- the queries ---

    def member_sums(self) -> str:
        """One row per household that has members in `m`, with its county; goes on after `WITH m AS (...),`."""
        (rows_name, rows), (_, grouped) = self.member_stages()
        return f"{rows_name} AS ({rows}) {grouped}"

    @property
    def member_columns(self) -> list[str]:
        """The columns of `base` that come from the members, and say who they are."""
        sums = [f"a{index}_{end}" for index in self.compiler.sums.values() for end in ("lo", "hi")]
        return ["known", "persons_lo", "persons_hi", *sums]

    def scores(self, rank: Rank) -> str:
        """Area and score of every household, over `base`."""
        stages = self.stages(ranked_items(self.book, rank))
        by = self.book.parameters[rank.name].by
        area = by[0] if by else f"'{WHOLE}'"
        return (
            f"{_with(stages)} SELECT {area} AS area, {self._scores[rank.name]} AS score FROM {_last(stages)}"
        )

    def flagged(self) -> str:
        """The households of `base` that are yes, cannot be told, or stood in the run before (`before`), with their bits.

        What changed is as in `changes.py`: a rule that was yes and now cannot be told goes on, held; it has not cleared.
        """
        classes, clues = len(self.book.classes), len(self.book.clues)
        chosen = " ".join(f"WHEN class{i}_lo THEN {integer(1 << i)}" for i in range(classes))
        first = f"CASE {chosen} ELSE {integer(0)} END" if chosen else integer(0)
        fired = ((classes + i, f"clue{i}_lo") for i in range(clues))
        names = [f"class{i}" for i in range(classes)] + [f"clue{i}" for i in range(clues)]
        undecided = ((index, self._open(name)) for index, name in enumerate(names))
        marked = f"SELECT *, {first} + {_mask(fired)} AS yes, {_mask(undecided)} AS maybe FROM {_last(self._stages)}"
        columns = [
            "household", "area", "province", "city", "county", "persons_lo", "persons_hi",
            f"{_mask(enumerate(self._unknown.values()))} AS unknown",
            f"{_mask(enumerate(self._stale.values()))} AS stale",
            f"{_mask(enumerate(self._veto_bits.values()))} AS vetoes",
            *self.evidence(),
            "yes", "maybe", "yes & ~before AS new", "before & (yes | maybe) AS continuing",
            "before & ~(yes | maybe) AS cleared", "before & maybe & ~yes AS held",
        ]  # fmt: skip
        return (
            f"{_with(self._stages)}, marked AS ({marked}) SELECT {', '.join(columns)} FROM marked"
            f" WHERE yes <> 0 OR maybe <> 0 OR before <> 0"
        )

    def evidence(self) -> list[str]:
        """The columns of the values that the rules read: facts, sums over members, parameters."""
        needed = facts_needed(self.book, self.sections)
        facts = [
            f"f_{name}"
            for name, fact in self.book.dictionary.items()
            if name in needed and fact.entity == "household"
        ]
        sums = [f"a{index}_{end}" for index in self.compiler.sums.values() for end in ("lo", "hi")]
        parameters = [
            column
            for name in self.book.parameters
            for column in (f"p_{name}_lo", f"p_{name}_hi", f"p_{name}_ok")
        ]
        return [*facts, *sums, *parameters]

    def _veto_pairs(self) -> Iterable[tuple[str, str]]:
        for veto in self.book.vetoes:
            held = self.compiler.truth(veto.expression.tree).lo
            yield veto.id, held
            for one in veto.exceptions:
                yield f"{veto.id}.{one.id}", f"{held} AND {self.compiler.truth(one.expression.tree).lo}"


def remapped(mask: str, old: Iterable[str], new: Iterable[str]) -> str:
    """SQL of a mask with its bits in the order of other names; names that are gone are dropped."""
    places: Mapping[str, int] = {name: index for index, name in enumerate(new)}
    pairs = [(places[name], index) for index, name in enumerate(old) if name in places]
    return _mask((to, f"({mask} & {integer(1 << at)}) <> 0") for to, at in pairs)


def _mask(pairs: Iterable[tuple[int, str]]) -> str:
    """Bits set where their SQL is true."""
    bits = [
        f"CASE WHEN {condition} THEN {integer(1 << index)} ELSE {integer(0)} END"
        for index, condition in pairs
    ]
    return "(" + " + ".join(bits or [integer(0)]) + ")"


def _with(stages: list[tuple[str, str]]) -> str:
    return "".join(f", {name} AS ({query})" for name, query in stages)


def _last(stages: list[tuple[str, str]]) -> str:
    return stages[-1][0] if stages else "base"
