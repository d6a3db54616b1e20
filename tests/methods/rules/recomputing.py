"""Verdicts recomputed from nothing but what an explanation prints: figures, values and the shape of the rules."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

Json = dict[str, Any]
Pair = tuple[Fraction, Fraction]
YES, NO, UNKNOWN = "yes", "no", "cannot_tell"


def pair(figure: Json) -> Pair:
    """A printed figure as its two ends."""
    if figure["value"] is not None:
        assert figure["lo"] == figure["hi"] == figure["value"]
    return Fraction(figure["lo"]), Fraction(figure["hi"])


def times(left: Pair, right: Pair) -> Pair:
    ends = [a * b for a in left for b in right]
    return min(ends), max(ends)


class Recomputed:
    """Adds up, multiplies out and judges again; every printed total on the way is checked."""

    def __init__(self, content: Json) -> None:
        self.content = content
        self.values = {value["fact"]: value for value in content["values"]}
        self.parameters = {one["name"]: one for one in content["parameters"]}
        self.persons = pair(content["persons"])
        self.check_persons()
        self.derived: dict[str, Pair] = {}
        for one in content["derived"]:
            self.derived[one["id"]] = self.total(one)
        self.conditions: dict[str, str] = {}
        for one in content["conditions"]:
            self.conditions[one["id"]] = self.verdict(one["reason"])

    def check_persons(self) -> None:
        sure = sum(row["counted"] == YES for row in self.content["members"])
        perhaps = sum(row["counted"] == UNKNOWN for row in self.content["members"])
        if sure:
            assert self.persons == (sure, sure + perhaps)
        elif perhaps:
            size = self.values.get("household_size", {}).get("value")
            assert self.persons == (1, max(perhaps, 100 if size is None else int(size)))
        elif self.content["persons"]["used"] and self.values["household_size"]["value"] is not None:
            size = Fraction(self.values["household_size"]["value"])
            assert self.persons == (size, size)

    def total(self, one: Json) -> Pair:
        """The sum of the printed parts; it must be the printed total, also when unfolded to facts."""
        for parts in (one["parts"], one["unfolded"]):
            low = high = Fraction(0)
            for part in parts:
                lo, hi = pair(part["amount"])
                self.check_part(part, (lo, hi))
                low, high = (low + lo, high + hi) if part["sign"] > 0 else (low - hi, high - lo)
            assert (low, high) == pair(one["total"])
        return pair(one["total"])

    def check_part(self, part: Json, amount: Pair) -> None:
        factor = Fraction(part["factor"])
        if part["kind"] == "derived":
            assert amount == times((factor, factor), self.derived[part["name"]])
        elif part["kind"] == "fact" and self.values[part["name"]]["value"] is not None:
            value = Fraction(self.values[part["name"]]["value"]) * factor
            assert amount == (value, value)
        elif part["kind"] == "fact":
            assert amount[0] < amount[1]

    # --- logic ---

    def verdict(self, reason: Json) -> str:
        """The verdict of a printed reason, from what stands below it."""
        found = str(getattr(self, f"of_{reason['kind']}")(reason))
        assert found == reason["verdict"], reason
        return found

    def of_all(self, reason: Json) -> str:
        found = [self.verdict(below) for below in reason["of"]]
        return NO if NO in found else UNKNOWN if UNKNOWN in found else YES

    def of_any(self, reason: Json) -> str:
        found = [self.verdict(below) for below in reason["of"]]
        return YES if YES in found else UNKNOWN if UNKNOWN in found else NO

    def of_not(self, reason: Json) -> str:
        return {YES: NO, NO: YES, UNKNOWN: UNKNOWN}[self.verdict(reason["of"][0])]

    def of_condition(self, reason: Json) -> str:
        return self.conditions[reason["id"]]

    def of_fact(self, reason: Json) -> str:
        value, (test, wanted) = reason["value"], next(iter(reason["test"].items()))
        assert value == self.values[reason["fact"]]["value"]
        if value is None:
            return UNKNOWN
        holds = {
            "is": lambda: value is wanted,
            "one_of": lambda: value in wanted,
            "has": lambda: wanted in value,
            "empty": lambda: value == [],
        }[test]()
        return YES if holds else NO

    def of_members(self, reason: Json) -> str:
        rows = [row for row in reason["members"] if row["counted"] != NO]
        if not any(row["counted"] == YES for row in rows):
            return UNKNOWN
        wanted, other = (YES, NO) if reason["quantifier"] == "any" else (NO, YES)
        if any(row["counted"] == YES and row["meets"] == wanted for row in rows):
            return wanted
        return other if all(row["meets"] == other for row in rows) else UNKNOWN

    def of_comparison(self, reason: Json) -> str:
        if reason["missing_parameters"]:
            assert reason["compared"] is None
            assert all(self.parameters[name]["value"] is None for name in reason["missing_parameters"])
            return UNKNOWN
        if reason["compared"] is None:
            assert not [row for row in reason["left"]["members"] if row["counted"] == YES]
            return UNKNOWN
        if reason["left"]["kind"] == "share":
            sides = {"left": self.share(reason), "right": (Fraction(0), Fraction(0))}
        else:
            sides = {name: self.side(reason[name]) for name in ("left", "right")}
        if reason["times_persons"]:
            assert pair(reason["persons"]) == self.persons
            sides[reason["times_persons"]] = times(sides[reason["times_persons"]], self.persons)
        for name, ends in sides.items():
            assert ends == pair(reason["compared"][name]), reason
        return compare(sides["left"], reason["operator"], sides["right"])

    def side(self, side: Json) -> Pair:
        figure = pair(side["figure"])
        if side["kind"] == "derived":
            assert figure == self.derived[side["name"]]
        if side["kind"] == "parameter":
            row = self.parameters[side["name"]]
            assert figure == (Fraction(row["value"]), Fraction(row["to"]))
        if side["kind"] == "fact" and self.values[side["name"]]["value"] is not None:
            assert figure[0] == figure[1] == Fraction(self.values[side["name"]]["value"])
        if side["kind"] == "count":
            found = [self.verdict(below) for below in side["of"]]
            assert figure == (found.count(YES), len(found) - found.count(NO))
        if side["kind"] == "count_members" and any(row["counted"] == YES for row in side["members"]):
            sure = sum(row["counted"] == YES and row["meets"] == YES for row in side["members"])
            perhaps = sum(row["counted"] != NO and row["meets"] != NO for row in side["members"])
            assert figure == (sure, perhaps)
        return figure

    def share(self, reason: Json) -> Pair:
        of = Fraction(reason["right"]["figure"]["value"])
        low = high = Fraction(0)
        for row in reason["left"]["members"]:
            met = {YES: (1, 1), NO: (0, 0), UNKNOWN: (0, 1)}[row["meets"]]
            lo, hi = (of.denominator * end - of.numerator for end in met)
            if row["counted"] == YES:
                low, high = low + lo, high + hi
            elif row["counted"] == UNKNOWN:
                low, high = low + min(0, lo), high + max(0, hi)
        return low, high

    # --- the whole ---

    def answer(self) -> Json:
        """The verdict, from the classes in order, with the clue rules and vetoes."""
        classes = {one["id"]: self.verdict(one["reason"]) for one in self.content["classes"]}
        first = next((name for name, verdict in classes.items() if verdict == YES), None)
        clues = {one["id"]: self.verdict(one["reason"]) for one in self.content["clues"]}
        return {
            "class": first,
            "class_verdict": YES if first else UNKNOWN if UNKNOWN in classes.values() else NO,
            "fired": [name for name, verdict in clues.items() if verdict == YES],
            "undecided": [name for name, verdict in clues.items() if verdict == UNKNOWN],
            "vetoes": [
                (one["id"], [each["id"] for each in one["exceptions"] if self.verdict(each["reason"]) == YES])
                for one in self.content["vetoes"]
                if self.verdict(one["reason"]) == YES
            ],
        }


def compare(left: Pair, operator: str, right: Pair) -> str:
    """The comparison of two ranges, by asking the extreme pairs."""
    holds = {
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
    }.get(operator)
    if holds is not None:
        found = {holds(a, b) for a in left for b in right}
        return UNKNOWN if len(found) == 2 else YES if True in found else NO
    points = left[0] == left[1] == right[0] == right[1]
    apart = left[1] < right[0] or right[1] < left[0]
    equal = YES if points else NO if apart else UNKNOWN
    return equal if operator == "=" else {YES: NO, NO: YES, UNKNOWN: UNKNOWN}[equal]
