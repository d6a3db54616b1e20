"""What provinces ask of a team, and who may go where."""

from __future__ import annotations

import datetime
import os
import re
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from highground.methods.allocate.arrays import InputError
from highground.methods.allocate.norms import FOLDER, Norms, Size, load_norms, norms_files, read_norms
from highground.methods.allocate.pairing import make_pairs, why_forbidden
from tests.methods.allocate.hand import TEXTS, tables

DAY = datetime.date


def test_yunnan_asks_for_more_where_more_than_200_people_are_at_risk() -> None:
    yunnan, nation = load_norms("cn-yn-2021"), load_norms("cn-2021")
    assert yunnan.size_for(201) == Size(1, 4)
    assert yunnan.understaffed(1, 2, 201) == Size(0, 2)
    assert yunnan.understaffed(1, 2, 200) is None
    assert yunnan.understaffed(1, 2, 180) is None
    assert yunnan.understaffed(0, 3, 180) == Size(1, 0)
    assert nation.understaffed(1, 1, 201) is None


def test_a_term_of_23_months_is_below_the_two_years() -> None:
    nation = load_norms("cn-2021")
    assert nation.below_term(DAY(2021, 6, 1), DAY(2023, 5, 1))
    assert not nation.below_term(DAY(2021, 6, 1), DAY(2023, 6, 1))
    assert nation.due(DAY(2024, 2, 29)) == DAY(2026, 2, 28)
    assert nation.due(DAY(2023, 12, 31)) == DAY(2025, 12, 31)


def test_every_rule_of_every_file_has_a_source(tmp_path: Path) -> None:
    for name in norms_files():
        norms = load_norms(name)
        assert norms.id == name and set(norms.of.values()) <= set(norms.sources)
    with pytest.raises(InputError, match="no norms 'cn-xx'"):
        load_norms("cn-xx")
    (tmp_path / "x.yaml").write_text("id: x\ntitle: {en: X}\nsources: [{id: a, title: A, verified: true}]\n")
    with pytest.raises(InputError, match="no `team_size`"):
        read_norms(tmp_path / "x.yaml")


def own(folder: Path, name: str, /, **changed: object) -> Path:
    """The national file under a name of the office's own, with other rules."""
    (folder / "norms").mkdir(exist_ok=True)
    given = yaml.safe_load((FOLDER / "cn-2021.yaml").read_text()) | {"id": name} | changed
    path = folder / "norms" / f"{name}.yaml"
    path.write_text(yaml.safe_dump(given, allow_unicode=True))
    return path


def test_an_office_adds_norms_and_replaces_shipped_ones(tmp_path: Path) -> None:
    assert list(norms_files(tmp_path)) == ["cn-2021", "cn-yn-2021"]
    path = own(tmp_path, "cn-gx", age={"most": 55, "source": "opinions"})
    assert load_norms("cn-gx", tmp_path).age == 55
    own(tmp_path, "cn-gx", age={"most": 50, "source": "opinions"})
    os.utime(path, ns=(1, 1))
    assert load_norms("cn-gx", tmp_path).age == 50  # read anew
    own(tmp_path, "cn-hi").rename(tmp_path / "norms" / "cn-hk.yaml")
    with pytest.raises(InputError, match="`id` is 'cn-hi'; write the name of the file, cn-hk"):
        load_norms("cn-hk", tmp_path)
    with pytest.raises(InputError, match="no norms 'cn-gx'"):
        load_norms("cn-gx")
    with pytest.raises(
        InputError, match=f"no norms 'cn-hn'; choose one of .*, or write {tmp_path}/norms/cn-hn.yaml"
    ):
        load_norms("cn-hn", tmp_path)
    own(tmp_path, "cn-2021", age={"most": 58, "source": "recalled"})
    assert (load_norms("cn-2021", tmp_path).age, load_norms("cn-2021").age) == (58, 60)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"id": 7}, "`id` is 7; write the name of the file, mine"),
        ({"title": {"zh": "x"}}, "`title`: write one for each language, `en` among them"),
        ({"sources": []}, "there is no `sources`"),
        ({"sources": [{"id": "a"}]}, "lacks a text under `id` or `title`"),
        (
            {"sources": [{"id": "a", "title": "A", "verified": "yes"}]},
            "`verified` of 'a': write true or false",
        ),
        ({"age": 60}, "`age`: write keys below it"),
        ({"age": {"source": "recalled"}}, "`age`: `most` is None; write a whole number from 0 to 150"),
        ({"age": {"most": 60}}, "`age`: the source '' is not listed"),
        ({"home": {"source": "hearsay"}}, "`home`: the source 'hearsay' is not listed"),
        (
            {"not_sent": {"occupations": "teacher", "source": "recalled"}},
            "`occupations` is 'teacher'; write a list",
        ),
        (
            {"couples_together": {"allowed": "no", "source": "recalled"}},
            "`allowed` is 'no'; write true or false",
        ),
        (
            {"health": {"remoteness": 2, "source": "recalled"}},
            "`remoteness` is 2; write a number from 0 to 1",
        ),
        ({"team_size": {"source": "recalled"}}, "`rows` is None; write a list of sizes"),
        (
            {"team_size": {"rows": [{"over": -1}], "source": "recalled"}},
            "a whole number under `first_secretaries`",
        ),
        ({"points": {"source": "recalled"}}, "`points`: `base` is None"),
        ({"weights": {"no_woman": -1, "source": "recalled"}}, "a weight of -1 would reward"),
    ],
)
def test_a_file_of_norms_that_cannot_be_used_names_the_key(
    tmp_path: Path, changed: dict[str, object], said: str
) -> None:
    path = own(tmp_path, "mine", **changed)
    with pytest.raises(InputError, match=rf"mine\.yaml: .*{re.escape(said)}"):
        read_norms(path)


def test_a_file_of_norms_that_is_no_yaml(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    for content, said in (
        (b"\xff", "not a YAML file"),
        (b"a: [", "not a YAML file"),
        (b"- a", "write one `name:`"),
    ):
        path.write_bytes(content)
        with pytest.raises(InputError, match=f"mine.yaml: {said}"):
            read_norms(path)


def people(**other: list[object]) -> pa.Table:
    """The four of `hand.py` with what decides where they may go."""
    columns = {"born": [1990, 1985, None, 1960], "occupation": ["", "school teacher", "", ""],
               "frail": [True, False, False, False], "limit": [None, None, 3.0, None],
               "kin": [[], [], [], []]} | other  # fmt: skip
    kinds = {
        "born": pa.int64(),
        "occupation": pa.string(),
        "frail": pa.bool_(),
        "limit": pa.float64(),
        "kin": TEXTS,
    }
    table = tables().people
    for name, values in columns.items():
        table = table.append_column(name, pa.array(values, kinds[name]))
    return table


def test_points_and_rules_of_pairs() -> None:
    norms, given = load_norms("cn-yn-2021"), tables()
    made = make_pairs(people(), given.villages, given.units, norms, year=2026)
    # Bo teaches, Di is 66; An is frail and East is remote; Cy bears 3 km and both villages lie further away.
    assert made.barred == {"Bo": "occupation", "Di": "age"}
    assert made.table.select(["person", "village"]).to_pylist() == [{"person": "An", "village": "West"}]
    assert made.forbidden == {"health": 1, "distance": 2}
    ask = {"year": 2026}
    assert why_forbidden(people(), given.villages, given.units, norms, "An", "East", **ask) == "health"
    assert why_forbidden(people(), given.villages, given.units, norms, "An", "West", **ask) is None
    assert why_forbidden(people(), given.villages, given.units, norms, "Bo", "West", **ask) == "occupation"
    national = make_pairs(
        people(frail=[False] * 4, limit=[None] * 4),
        given.villages,
        given.units,
        load_norms("cn-2021"),
        year=2026,
    )
    points = {(one["person"], one["village"]): one["points"] for one in national.table.to_pylist()}
    # Base 150, one need 90, paired 400, 5 km 160 x exp(-1/8), remoteness 0.9 x -40.
    assert points["An", "East"] == round(150 + 90 + 400 + 160 * 2.718281828 ** (-5 / 40) - 36)
    assert ("Bo", "East") not in points and "Di" not in {person for person, _ in points}


def test_where_a_place_is_not_known_nobody_is_kept_away() -> None:
    given = tables()
    lost = given.villages.set_column(3, "x", pa.array([None, None], pa.float64()))
    made = make_pairs(people(limit=[5.0] * 4), lost, given.units, load_norms("cn-2021"), year=2026)
    assert "distance" not in made.forbidden
    assert len(made.table) == 4


def softened(tmp_path: Path, **minus: int) -> Norms:
    """Yunnan's norms with some rules that cost points."""
    given = yaml.safe_load((FOLDER / "cn-yn-2021.yaml").read_text(encoding="utf-8"))
    given["id"] = "soft"
    for rule, points in minus.items():
        given[rule]["minus"] = points
    (tmp_path / "soft.yaml").write_text(yaml.safe_dump(given, allow_unicode=True), encoding="utf-8")
    return read_norms(tmp_path / "soft.yaml")


def test_a_rule_with_points_costs_them_and_forbids_nothing(tmp_path: Path) -> None:
    given, year = tables(), {"year": 2026}
    ask = (given.villages, given.units)
    hard = make_pairs(people(), *ask, load_norms("cn-yn-2021"), **year)
    soft = softened(tmp_path, health=70, age=30, not_sent=20)
    made = make_pairs(people(), *ask, soft, **year)
    assert made.barred == {} and made.forbidden == {"home": 1, "distance": 2}
    free = make_pairs(
        people(frail=[False] * 4, born=[None] * 4, occupation=[""] * 4),
        *ask,
        load_norms("cn-yn-2021"),
        **year,
    )
    points, plain = ({(one["person"], one["village"]): one["points"] for one in table.to_pylist()}
                     for table in (made.table, free.table))  # fmt: skip
    assert (
        points.keys()
        == plain.keys()
        > {("An", "West")}
        == {(one["person"], one["village"]) for one in hard.table.to_pylist()}
    )
    # East is remote and An frail; Bo teaches; Di is 66.
    minus = {("An", "East"): 70, ("Bo", "West"): 20, ("Di", "East"): 30, ("Di", "West"): 30}
    assert {pair: plain[pair] - points[pair] for pair in plain} == {
        pair: minus.get(pair, 0) for pair in plain
    }
    assert why_forbidden(people(), *ask, soft, "An", "East", **year) is None


def test_nobody_goes_where_kin_hold_office() -> None:
    given, norms = tables(), load_norms("cn-2021")
    made = make_pairs(people(kin=[["West"], [], [], []]), given.villages, given.units, norms, year=2026)
    assert made.forbidden["kin"] == 1
    assert "An" not in {one["person"] for one in made.table.to_pylist() if one["village"] == "West"}
    at = (people(kin=[["West"], [], [], []]), given.villages, given.units, norms, "An", "West")
    assert why_forbidden(*at, year=2026) == "kin"


@pytest.mark.parametrize("minus", [0, -5, 2001, "much", True])
def test_points_of_a_rule_that_cannot_be_are_told(tmp_path: Path, minus: object) -> None:
    with pytest.raises(
        InputError, match=r"soft\.yaml: `age`: `minus` is .*write a whole number from 1 to 2000"
    ):
        softened(tmp_path, age=minus)  # type: ignore[arg-type]
