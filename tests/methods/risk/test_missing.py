"""Who is missed: against a book, other software, and every sample that a tiny population has."""

import itertools
from math import comb, prod
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from highground.methods.risk import InputError, draw_audit, missed

Rows = list[dict[str, Any]]


def audited(stratum: str, yes: int, no: int, cannot_tell: int = 0, not_visited: int = 0) -> Rows:
    outcomes = ["yes"] * yes + ["no"] * no + ["cannot_tell"] * cannot_tell + [None] * not_visited
    return [{"county": stratum, "outcome": outcome} for outcome in outcomes]


def sample_of(*parts: Rows) -> pa.Table:
    rows = [row for part in parts for row in part]
    names = list(rows[0])
    columns = {name: pa.array([row[name] for row in rows]) for name in names}
    return pa.table({"household": pa.array(range(len(rows))), **columns}).cast(
        pa.schema([("household", pa.int64()), *((name, pa.string()) for name in names)])
    )


def totals_of(households: dict[str, int], found: int | dict[str, int] = 0) -> pa.Table:
    return pa.table(
        {
            "county": list(households),
            "unflagged": list(households.values()),
            "found": [found if isinstance(found, int) else found[one] for one in households],
        }
    )


def row(table: pa.Table, by: str = "all", group: str | None = None) -> dict[str, Any]:
    (found,) = [one for one in table.to_pylist() if one["by"] == by and one["group"] == group]
    return found


TOWNS = {"A": 155, "B": 62, "C": 93}
TOWN_SAMPLE = sample_of(audited("A", 16, 4), audited("B", 2, 6), audited("C", 6, 6))


def test_the_stratified_proportion_of_a_textbook() -> None:
    """Scheaffer, Mendenhall and Ott, Elementary Survey Sampling, chapter 5: households watching a programme.

    Three strata of 155, 62 and 93 households, of 20, 8 and 12 asked 16, 2 and 6 say yes: 0.60 with variance 0.0045.
    The error to more digits: samplics 0.6.1, `TaylorEstimator`.
    """
    found = row(missed(TOWN_SAMPLE, totals_of(TOWNS), strata=["county"]).groups)
    assert round(found["missed"] / 310, 2) == 0.60
    assert round((found["missed_error"] / 310) ** 2, 4) == 0.0045
    assert found["missed"] == pytest.approx(186, rel=1e-12)
    assert found["missed_error"] == pytest.approx(20.906784621239737, rel=1e-12)


def test_a_group_that_cuts_through_strata_is_that_of_other_software() -> None:
    """samplics 0.6.1: the mean of a domain in four strata, 0.2414 with error 0.0501, and 0.3053 with 0.1041."""
    drawn = [("A", 155, 20, 16), ("B", 62, 8, 2), ("C", 93, 12, 6), ("D", 400, 10, 0)]
    rows, number = [], 0
    for county, _, size, yes in drawn:
        for place in range(size):
            outcome = "yes" if place < yes else "no"
            rows.append({"county": county, "sex": "f" if number % 3 == 0 else "m", "outcome": outcome})
            number += 1
    totals = pa.table(
        {
            "county": [one[0] for one in drawn for _ in "fm"],
            "sex": ["f", "m"] * 4,
            "unflagged": [part for one in drawn for part in (one[1] // 3, one[1] - one[1] // 3)],
            "found": [0] * 8,
        }
    )
    table = missed(sample_of(rows), totals, strata=["county"], by=["sex"]).groups
    for sex, mean, error in (
        ("m", 0.24143302180685358, 0.0500763706212353),
        ("f", 0.3052516411378556, 0.10406814776861988),
    ):
        found = row(table, "sex", sex)
        assert found["missed"] / found["unflagged"] == pytest.approx(mean, rel=1e-12)
        assert found["missed_error"] / found["unflagged"] == pytest.approx(error, rel=1e-12)


def every_sample(population: dict[str, tuple[int, int]], drawn: dict[str, int]) -> Any:
    """Every composition of the sample with its probability: (yes per stratum, probability)."""
    per = [
        [
            (yes, comb(marked, yes) * comb(size - marked, drawn[one] - yes) / comb(size, drawn[one]))
            for yes in range(drawn[one] + 1)
            if comb(marked, yes) * comb(size - marked, drawn[one] - yes)
        ]
        for one, (size, marked) in population.items()
    ]
    for picks in itertools.product(*per):
        yield [yes for yes, _ in picks], prod(chance for _, chance in picks)


@pytest.mark.parametrize(
    ("population", "drawn"),
    [
        ({"A": (6, 2), "B": (5, 4)}, {"A": 3, "B": 2}),
        ({"A": (9, 1), "B": (4, 4), "C": (7, 3)}, {"A": 2, "B": 4, "C": 5}),
        ({"A": (30, 0), "B": (12, 1)}, {"A": 5, "B": 3}),
    ],
)
def test_over_every_sample_estimate_and_variance_are_right_on_average(
    population: dict[str, tuple[int, int]], drawn: dict[str, int]
) -> None:
    """The mean of the estimates is the truth, and the mean of the variances is the variance of the estimates."""
    totals = totals_of({one: size for one, (size, _) in population.items()})
    truth = sum(marked for _, marked in population.values())
    estimates, variances, chances = [], [], []
    for yes, chance in every_sample(population, drawn):
        parts = [audited(one, x, drawn[one] - x) for one, x in zip(population, yes, strict=True)]
        found = row(missed(sample_of(*parts), totals, strata=["county"], suppress_under=1).groups)
        assert found["missed_low"] <= found["missed"] + 1e-9
        assert found["missed"] <= found["missed_high"] + 1e-9
        estimates.append(found["missed"])
        variances.append(found["missed_error"] ** 2)
        chances.append(chance)
    assert sum(chances) == pytest.approx(1, rel=1e-12)
    mean = np.average(estimates, weights=chances)
    assert mean == pytest.approx(truth, rel=1e-9)
    spread = np.average((np.array(estimates) - mean) ** 2, weights=chances)
    assert np.average(variances, weights=chances) == pytest.approx(spread, rel=1e-9, abs=1e-9)


def test_what_was_counted_is_not_estimated() -> None:
    """A stratum that was audited whole adds what it holds; nothing else lies between."""
    totals = totals_of({"A": 20, "B": 1_000})
    found = row(missed(sample_of(audited("A", 3, 17), audited("B", 0, 50)), totals, strata=["county"]).groups)
    assert found["missed"] == 3
    assert found["missed_low"] == 3
    assert 3 < found["missed_high"] < 60
    only = row(
        missed(sample_of(audited("A", 3, 17)), totals_of({"A": 20}, found=9), strata=["county"]).groups
    )
    assert (only["missed_low"], only["missed"], only["missed_high"], only["missed_error"]) == (3, 3, 3, 0)
    assert (only["share_low"], only["share"], only["share_high"]) == (0.25, 0.25, 0.25)


def test_no_figure_contradicts_what_was_seen() -> None:
    """Of 12 households 10 said no: at most two can be missed, whatever the weights say."""
    sample = sample_of(audited("A", 1, 10, not_visited=1))
    found = row(missed(sample, totals_of({"A": 12}), strata=["county"]).groups)
    assert 1 <= found["missed_low"] <= found["missed"] <= found["missed_high"] <= 2


def test_nothing_found_has_an_upper_limit_all_the_same() -> None:
    found = row(
        missed(sample_of(audited("A", 0, 60)), totals_of({"A": 1_200}, found=20), strata=["county"]).groups
    )
    assert (found["missed"], found["missed_low"], found["share"]) == (0, 0, 0)
    assert 30 < found["missed_high"] < 70
    assert found["share_high"] == pytest.approx(found["missed_high"] / (found["missed_high"] + 20))


def test_nothing_of_nothing_is_no_share() -> None:
    found = row(missed(sample_of(audited("A", 0, 60)), totals_of({"A": 1_200}), strata=["county"]).groups)
    assert found["share"] is None
    assert (found["share_low"], found["share_high"]) == (0, 1)


def test_without_an_answer_is_said_weighted_and_bounded() -> None:
    sample = sample_of(audited("A", 2, 14, cannot_tell=3, not_visited=1), audited("B", 1, 39))
    result = missed(sample, totals_of({"A": 200, "B": 800}, found=11), strata=["county"])
    found = row(result.groups)
    counts = ("audited", "answered", "in_difficulty", "cannot_tell", "not_visited", "found")
    assert [found[name] for name in counts] == [60, 56, 3, 3, 1, 22]
    assert found["missed"] == pytest.approx(200 * 2 / 16 + 800 / 40)
    assert found["missed_if_none"] == pytest.approx(200 * 2 / 20 + 800 / 40)
    assert found["missed_if_all"] == pytest.approx(200 * 6 / 20 + 800 / 40)
    assert found["share_if_all"] == pytest.approx(80 / 102)
    said = (
        "4 of 60 audited households have no answer: 1 not visited, 3 cannot tell; they are taken to be like the others"
        " of their stratum, and the figures say what would be if none or all of them were in difficulty"
    )
    assert result.notices == (said,)


def test_a_stratum_without_any_answer_is_taken_like_the_rest_and_said() -> None:
    sample = sample_of(audited("A", 2, 18), audited("B", 0, 0, not_visited=5))
    result = missed(sample, totals_of({"A": 200, "B": 50}), strata=["county"])
    found = row(result.groups)
    assert found["missed"] == pytest.approx(250 * 2 / 20)
    assert "1 of 2 strata, with 50 households, have no answer at all" in result.notices[1]


def test_strata_counted_whole_do_not_make_the_rest_certain() -> None:
    """Everybody in one stratum answered, nobody in the other: what is borrowed stays uncertain."""
    sample = sample_of(audited("A", 2, 18), audited("B", 0, 0, not_visited=5))
    found = row(missed(sample, totals_of({"A": 20, "B": 1_000}), strata=["county"]).groups)
    assert found["missed_high"] - found["missed_low"] > 200


def test_one_answer_from_a_stratum_has_no_standard_error_but_an_interval() -> None:
    sample = sample_of(audited("A", 1, 0, not_visited=1), audited("B", 2, 38))
    found = row(missed(sample, totals_of({"A": 30, "B": 800}), strata=["county"]).groups)
    assert found["missed_error"] is None
    assert 0 < found["missed_low"] < found["missed"] < found["missed_high"] < 830


def test_under_ten_there_is_no_figure_and_none_can_be_worked_out() -> None:
    """Three counties, one with nine answers: its row is empty, and so is that of the next smallest."""
    sample = sample_of(audited("A", 1, 8, not_visited=4), audited("B", 2, 28), audited("C", 3, 57))
    totals = totals_of({"A": 100, "B": 300, "C": 600}, found=5)
    result = missed(sample, totals, strata=["county"], by=["county"])
    small, beside, shown = (row(result.groups, "county", one) for one in "ABC")
    assert small["suppressed"] == "fewer than 10 audited households with an answer"
    assert beside["suppressed"] == "a smaller group could be worked out from it"
    assert shown["suppressed"] is None
    for hidden in (small, beside):
        assert {name for name, value in hidden.items() if value is not None} == {"by", "group", "suppressed"}
    assert all(value is not None for name, value in shown.items() if name != "suppressed")
    assert result.notices[-1] == "groups too small for a figure: 1; left out beside them: 1"
    bare = missed(sample, totals, strata=["county"], by=["county"], suppress_under=9)
    assert row(bare.groups, "county", "A")["suppressed"] is None


def test_what_is_not_recorded_is_a_group_of_its_own() -> None:
    rows = [{**one, "ethnic": None} for one in audited("A", 3, 17)]
    rows += [{**one, "ethnic": "Yi"} for one in audited("A", 1, 29)]
    totals = pa.table(
        {"county": ["A", "A"], "ethnic": pa.array([None, "Yi"]), "unflagged": [400, 600], "found": [7, 9]}
    )
    table = missed(sample_of(rows), totals, strata=["county"], by=["ethnic"]).groups
    assert row(table, "ethnic", None)["missed"] == pytest.approx(400 * 3 / 20)
    assert row(table, "ethnic", "Yi")["missed"] == pytest.approx(600 * 1 / 30)
    assert [one["found"] for one in table.to_pylist()] == [16, 7, 9]


def test_the_order_of_rows_and_how_totals_are_cut_change_nothing() -> None:
    first = missed(TOWN_SAMPLE, totals_of(TOWNS, 4), strata=["county"], by=["county"], suppress_under=1)
    order = pa.array(np.random.default_rng(2).permutation(len(TOWN_SAMPLE)))
    cut = pa.table({"county": ["C", "A", "B", "A"], "unflagged": [93, 100, 62, 55], "found": [4, 0, 4, 4]})
    again = missed(TOWN_SAMPLE.take(order), cut, strata=["county"], by=["county"], suppress_under=1)
    assert again.groups.equals(first.groups)


def test_from_a_draw_to_the_figures() -> None:
    frame = pa.table(
        {"household": [f"H{one}" for one in range(3_000)], "county": ["A"] * 2_000 + ["B"] * 1_000}
    )
    sample = draw_audit(frame, strata=["county"], seed=11).sample
    sample = sample.append_column("outcome", pa.array(["yes"] * 6 + ["no"] * 144))
    totals = totals_of({"A": 2_000, "B": 1_000}, found=30)
    found = row(missed(sample, totals, strata=["county"]).groups)
    assert (found["audited"], found["missed"]) == (150, pytest.approx(120))
    with pytest.raises(
        InputError, match=r"row 1 was drawn with 0\.05, but the sample and totals give 0\.025"
    ):
        missed(sample, totals_of({"A": 4_000, "B": 1_000}), strata=["county"])
    with pytest.raises(InputError, match="give every household that was drawn, visited or not"):
        missed(sample.slice(1), totals, strata=["county"])


def test_without_strata_everything_is_one() -> None:
    sample = TOWN_SAMPLE.drop_columns(["county"])
    found = row(missed(sample, pa.table({"unflagged": [400, 200], "found": [3, 4]}), strata=[]).groups)
    assert (found["missed"], found["found"]) == (pytest.approx(600 * 24 / 40), 7)


def test_before_the_first_visit_there_is_no_figure() -> None:
    for sample in (sample_of(audited("A", 0, 0, not_visited=30)), TOWN_SAMPLE.slice(0, 0)):
        table = missed(sample, totals_of({"A": 600}, found=3), strata=["county"], by=["county"]).groups
        assert table.column("missed").to_pylist() == [None, None]
        assert table.column("suppressed").null_count == 0


TOWN_TOTALS = totals_of(TOWNS)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"sample": TOWN_SAMPLE.drop_columns(["outcome"])}, "sample: there is no column 'outcome'"),
        ({"totals": TOWN_TOTALS.drop_columns(["found"])}, "totals: there is no column 'found'"),
        ({"by": ["sex"]}, "sample: there is no column 'sex'"),
        ({"by": "county"}, "by: give a list of columns"),
        ({"confidence": 95}, "confidence: 95 is not above 0 and below 1"),
        ({"suppress_under": 0}, "suppress_under: 0 is too small"),
        (
            {"sample": sample_of([{"county": "A", "outcome": "maybe"}])},
            "sample: column 'outcome': row 1 is 'maybe'; write yes, no or cannot_tell",
        ),
        (
            {"sample": sample_of(audited("D", 1, 1))},
            "sample: 2 households with county D, but column 'unflagged' of totals counts 0",
        ),
        (
            {"totals": totals_of({"A": 19, "B": 62, "C": 93})},
            "sample: 20 households with county A, but column 'unflagged' of totals counts 19",
        ),
        ({"totals": totals_of({"A": 155, "B": -1})}, "totals: column 'unflagged': row 2 is -1"),
        (
            {
                "totals": pa.table(
                    {"county": ["A"], "unflagged": [155], "found": pa.array([None], pa.int64())}
                )
            },
            "totals: column 'found': row 1 is empty; missing is not zero",
        ),
        (
            {"totals": pa.table({"county": ["A"], "unflagged": [155.5], "found": [1]})},
            "totals: column 'unflagged' is no column of whole numbers",
        ),
        ({"sample": pa.concat_tables([TOWN_SAMPLE, TOWN_SAMPLE])}, "household '0' stands more than once"),
    ],
)
def test_what_cannot_be_estimated_is_named_with_its_mend(changed: dict[str, Any], message: str) -> None:
    settings = {"sample": TOWN_SAMPLE, "totals": TOWN_TOTALS, "strata": ["county"], **changed}
    with pytest.raises(InputError) as caught:
        missed(settings.pop("sample"), settings.pop("totals"), **settings)
    assert message in str(caught.value)
