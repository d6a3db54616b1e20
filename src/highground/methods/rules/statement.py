"""A whole rulebook as one SQL statement over the tables `h` (households) and `m` (members).

Tables and columns that the statement reads (made by `screening/door.py`):
`h`: household, area, and per household fact that the rulebook names `f_NAME` and `s_NAME` (the day since which
the value has been stale, else NULL); `p_NAME_lo`, `p_NAME_hi`, `p_NAME_ok`, `p_NAME_verified` per parameter.
`m`: household, and per member fact `f_NAME` and `s_NAME`; `f_age` where the rulebook asks for ages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from highground.methods.facts.literals import text
from highground.methods.rules import tree
from highground.methods.rules.compiling import Compiler, Ends, integer, ordered
from highground.methods.rules.reading import expressions
from highground.methods.rules.rulebook import Expression, Rulebook


@dataclass(frozen=True)
class Unit:
    """A part of a class expression that readers know by a name: a named condition, or an atom written inline.

    `matters` is SQL that is true where the unit is unknown and so is everything above it, up to the class.
    """

    label: str
    node: tree.Node
    matters: str


def facts_of(book: Rulebook, node: tree.Node) -> set[str]:
    """Names of the facts behind a node, through derived amounts and conditions."""
    names: set[str] = set()
    for below in tree.walk(node):
        names.update(tree.facts_read(below))
        match below:
            case tree.Persons() | tree.PerPerson():
                names |= {"household_size"}
            case tree.DerivedAmount():
                names |= facts_of(book, book.derived[below.name].expression.tree)
            case tree.ConditionValue():
                names |= facts_of(book, book.conditions[below.name].expression.tree)
            case tree.ParameterValue():
                names |= {key for key in book.parameters[below.name].by if key in book.dictionary}
            case _:
                pass
    return names


def names_behind(book: Rulebook, nodes: list[tree.Node]) -> set[str]:
    """Names of the amounts, conditions and parameters behind some nodes, and `counted` where members count."""
    names: set[str] = set()
    for node in nodes:
        for below in tree.walk(node):
            match below:
                case tree.DerivedAmount():
                    names |= {below.name, *names_behind(book, [book.derived[below.name].expression.tree])}
                case tree.ConditionValue():
                    names |= {below.name, *names_behind(book, [book.conditions[below.name].expression.tree])}
                case tree.ParameterValue():
                    names.add(below.name)
                case tree.Persons() | tree.PerPerson() | tree.AnyMember() | tree.AllMembers():
                    names.add("counted")
                case tree.CountMembers() | tree.SumMembers() | tree.ShareMembers():
                    names.add("counted")
                case _:
                    pass
    return names


BASE = ("counted", "derived", "conditions")
SCREENED = (*BASE, "ranks", "classes", "clues", "vetoes", "caps")
CHECKED = (*BASE, "checks")
EXITED = (*BASE, "exit")


def facts_needed(book: Rulebook, sections: tuple[str, ...] = SCREENED) -> set[str]:
    """Names of the facts that these sections of a rulebook read; the household's size always counts among them."""
    names = {"household_size"}
    for where, expression in expressions(book).items():
        if where.split(".")[0] in sections:
            names |= facts_of(book, expression.tree)
    if "checks" in sections:
        for check in book.checks:
            names |= {*check.blank, *([check.once_known] if check.once_known else [])}
    return names


def units_of(compiler: Compiler, expression: Expression) -> list[Unit]:
    """The units of a class expression with the SQL that tells where each could change the verdict."""
    found: list[Unit] = []

    def visit(node: tree.Node, above: list[str]) -> None:
        ends = compiler.truth(node)
        path = [*above, f"({ends.hi} AND NOT {ends.lo})"]
        if isinstance(node, tree.And | tree.Or | tree.Not):
            for child in node.children():
                visit(child, path)
            return
        label = node.name if isinstance(node, tree.ConditionValue) else expression.text[node.start : node.end]
        found.append(Unit(label, node, " AND ".join(path)))

    visit(expression.tree, [])
    return found


class Statement:
    """The SQL of a rulebook, built stage by stage: members, sums, amounts and conditions, answers."""

    sections: tuple[str, ...] = SCREENED
    member_keys: tuple[str, ...] = ("household",)

    def __init__(self, book: Rulebook) -> None:
        self.book = book
        self.compiler = Compiler(book)

    def sql(self) -> str:
        """The whole statement: one row per household with everything that a verdict needs."""
        named = self.stages(self.items())  # compiled first: this registers the sums over members
        answers = self.answers()
        ctes = [*self.member_stages(), ("base", self.base()), *named]
        body = ",\n".join(f"{name} AS (\n{query}\n)" for name, query in ctes)
        return f"WITH {body}\nSELECT {answers}\nFROM {ctes[-1][0]}"

    # --- members ---

    @property
    def member_facts(self) -> list[str]:
        """Member facts that can go stale, in a fixed order."""
        needed = facts_needed(self.book, self.sections)
        return sorted(name for name in needed if self.book.dictionary[name].entity == "member")

    def member_stages(self) -> list[tuple[str, str]]:
        """Who is counted, and every sum over members, once per household."""
        counted = self.compiler.truth(self.book.counted.expression.tree)
        rows = f"SELECT *, {counted.lo} AS counted_lo, {counted.hi} AS counted_hi FROM m"
        keys = ", ".join(self.member_keys)
        columns = [
            keys,
            "CAST(SUM(CASE WHEN counted_lo THEN 1 ELSE 0 END) AS BIGINT) AS n_lo",
            "CAST(SUM(CASE WHEN counted_hi THEN 1 ELSE 0 END) AS BIGINT) AS n_hi",
        ]
        for sums, index in self.compiler.sums.items():
            columns.append(f"CAST({sums.lo} AS BIGINT) AS a{index}_lo")
            columns.append(f"CAST({sums.hi} AS BIGINT) AS a{index}_hi")
        columns += [f"MIN(s_{name}) AS s_{name}" for name in self.member_facts]
        grouped = f"SELECT {', '.join(columns)} FROM rows_counted GROUP BY {keys}"
        return [("rows_counted", rows), ("sums", grouped)]

    def base(self) -> str:
        """Households beside the sums over their members, with the number of persons."""
        largest = self.book.dictionary["household_size"].maximum
        assert largest is not None
        known, possible = "(COALESCE(sums.n_lo, 0) >= 1)", "(COALESCE(sums.n_hi, 0) >= 1)"
        columns = ["h.*", f"{known} AS known"]
        columns.append(
            f"CASE WHEN {known} THEN sums.n_lo WHEN {possible} THEN {integer(1)}"
            f" ELSE COALESCE(h.f_household_size, {integer(1)}) END AS persons_lo"
        )
        given = f"COALESCE(h.f_household_size, {integer(largest)})"
        columns.append(
            f"CASE WHEN {known} THEN sums.n_hi WHEN {possible} THEN GREATEST(sums.n_hi, {given})"
            f" ELSE {given} END AS persons_hi"
        )
        for index in self.compiler.sums.values():
            columns += [
                f"COALESCE(sums.a{index}_lo, 0) AS a{index}_lo",
                f"COALESCE(sums.a{index}_hi, 0) AS a{index}_hi",
            ]
        columns += [f"sums.s_{name} AS s_{name}" for name in self.member_facts]
        return f"SELECT {', '.join(columns)} FROM h LEFT JOIN sums ON sums.household = h.household"

    # --- amounts and conditions ---

    def items(self) -> list[tuple[str, tree.Node]]:
        """What gets columns of its own: amounts, conditions, classes and clue rules, each after those that it names."""
        derived, conditions = self.book.derived, self.book.conditions
        items = [
            (f"d_{name}", derived[name].expression.tree) for name in ordered(derived, tree.DerivedAmount)
        ]
        for name in ordered(conditions, tree.ConditionValue):
            items.append((f"c_{name}", conditions[name].expression.tree))
        return items + self.rules()

    def stages(self, items: list[tuple[str, tree.Node]]) -> list[tuple[str, str]]:
        """The items as columns, each in a stage after those that it names."""
        levels: dict[str, int] = {}
        columns: dict[int, list[str]] = {}
        for name, node in items:
            level = levels[name] = 1 + max((levels[other] for other in _named_in(node)), default=0)
            if name.startswith("d_"):
                amount = self.compiler.number(node)
                ends = Ends(amount.lo, amount.hi)
            else:
                ends = self.compiler.truth(node)
            columns.setdefault(level, []).extend([f"{ends.lo} AS {name}_lo", f"{ends.hi} AS {name}_hi"])
        stages = []
        previous = "base"
        for level, added in sorted(columns.items()):
            stages.append((f"level{level}", f"SELECT *, {', '.join(added)} FROM {previous}"))
            previous = f"level{level}"
        return stages

    def rules(self) -> list[tuple[str, tree.Node]]:
        """The classes and clue rules, which get columns of their own."""
        items = [(f"class{index}", one.expression.tree) for index, one in enumerate(self.book.classes)]
        return items + [(f"clue{index}", one.expression.tree) for index, one in enumerate(self.book.clues)]

    # --- answers ---

    def answers(self) -> str:
        """The columns of the result: verdict, fired and undecided rules, what is unknown, vetoes, what is stale."""
        columns = [
            "household",
            f"{self._class()} AS class",
            f"{self._verdict()} AS class_verdict",
            f"{self._listed((one.id, f'clue{i}_lo') for i, one in enumerate(self.book.clues))} AS fired",
            f"{self._listed((one.id, self._open(f'clue{i}')) for i, one in enumerate(self.book.clues))} AS undecided",
            f"{self._listed((one.id, self._open(f'class{i}')) for i, one in enumerate(self.book.classes))} AS open_classes",
            f"{self._listed(self.unknown())} AS unknown",
            f"{self._vetoes()} AS vetoes",
            f"{self._listed(self.stale())} AS stale_facts",
            "persons_lo",
            "persons_hi",
        ]
        for cap in self.book.caps:
            columns.append(f"{self.compiler.truth(cap.of.tree).lo} AS cap_{cap.id}")
        for name in self.book.parameters:
            columns += [f"p_{name}_ok", f"p_{name}_verified"]
        return ",\n".join(columns)

    @staticmethod
    def _open(name: str) -> str:
        return f"({name}_hi AND NOT {name}_lo)"

    def _class(self) -> str:
        cases = " ".join(f"WHEN class{i}_lo THEN {text(one.id)}" for i, one in enumerate(self.book.classes))
        return f"CASE {cases} END"

    def _verdict(self) -> str:
        certain = " OR ".join(f"class{i}_lo" for i in range(len(self.book.classes)))
        possible = " OR ".join(f"class{i}_hi" for i in range(len(self.book.classes)))
        return f"CASE WHEN {certain} THEN 'yes' WHEN {possible} THEN 'cannot_tell' ELSE 'no' END"

    @staticmethod
    def _listed(pairs: Iterator[tuple[str, str]]) -> str:
        """A list of the names whose SQL is true, in order."""
        cases = ", ".join(f"CASE WHEN {condition} THEN {text(name)} END" for name, condition in pairs)
        if not cases:
            return "CAST([] AS VARCHAR[])"
        return f"LIST_FILTER([{cases}], lambda x: x IS NOT NULL)"

    def units(self) -> dict[str, list[Unit]]:
        """All units of the class expressions by label, in order; a label may stand in several classes."""
        found: dict[str, list[Unit]] = {}
        for one in self.book.classes:
            for unit in units_of(self.compiler, one.expression):
                found.setdefault(unit.label, []).append(unit)
        return found

    def unknown(self) -> Iterator[tuple[str, str]]:
        """Each unit of the classes by its label, and SQL that is true where it stands between them and an answer."""
        undecided = f"({self._verdict()} = 'cannot_tell')"
        for label, units in self.units().items():
            yield label, f"{undecided} AND ({' OR '.join(f'({unit.matters})' for unit in units)})"

    def _vetoes(self) -> str:
        parts = []
        for veto in self.book.vetoes:
            excepted = self._listed(
                (one.id, self.compiler.truth(one.expression.tree).lo) for one in veto.exceptions
            )
            held = self.compiler.truth(veto.expression.tree).lo
            parts.append(f"CASE WHEN {held} THEN {{'id': {text(veto.id)}, 'excepted_by': {excepted}}} END")
        if not parts:
            return "CAST([] AS STRUCT(id VARCHAR, excepted_by VARCHAR[])[])"
        return f"LIST_FILTER([{', '.join(parts)}], lambda x: x IS NOT NULL)"

    def stale(self) -> Iterator[tuple[str, str]]:
        """Each fact, and SQL that is true where it is past its freshness and a unit or a clue rule would need it."""
        needs: dict[str, list[str]] = {}
        undecided = f"({self._verdict()} = 'cannot_tell')"
        for units in self.units().values():
            for unit in units:
                for name in facts_of(self.book, unit.node):
                    needs.setdefault(name, []).append(f"({undecided} AND {unit.matters})")
        for index, rule in enumerate(self.book.clues):
            for name in facts_of(self.book, rule.expression.tree):
                needs.setdefault(name, []).append(self._open(f"clue{index}"))
        # A size that only stands in for the member rows is not needed where they are known.
        sized = any(
            isinstance(node, tree.NumberFact) and node.name == "household_size"
            for expression in expressions(self.book).values()
            for node in tree.walk(expression.tree)
        )
        spared = "" if sized else " AND NOT known"
        for name, conditions in sorted(needs.items()):
            too_old = f"s_{name} IS NOT NULL{spared * (name == 'household_size')}"
            yield name, f"{too_old} AND ({' OR '.join(conditions)})"


def _named_in(node: tree.Node) -> Iterator[str]:
    """Columns of the amounts and conditions that a node names."""
    for below in tree.walk(node):
        if isinstance(below, tree.DerivedAmount):
            yield f"d_{below.name}"
        elif isinstance(below, tree.ConditionValue):
            yield f"c_{below.name}"


def statement(book: Rulebook) -> str:
    """The SQL of a rulebook over `h` and `m`: one row per household (DuckDB's dialect)."""
    return Statement(book).sql()
