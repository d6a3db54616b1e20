"""Published studies computed again from their data, each figure beside the one that was published.

The data are not part of the project; those on California's tobacco programme come with the library of the extra
`[models]`. A study whose data are not in the folder is left out, and named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from highground.methods.impact.designing import minimum_detectable_effect
from highground.methods.impact.differences import difference_in_differences, village_changes
from highground.methods.impact.discontinuity import discontinuity
from highground.methods.impact.regression import ImpactError, least_squares
from highground.methods.impact.results import Published
from highground.methods.impact.surveys import FILES, tables_again
from highground.methods.impact.synthetic import NO_LIBRARY, synthetic
from highground.methods.impact.wild import wild_bootstrap

WAVES, LATER, CHILDREN = "bangladesh_hh_9198.dta", "bangladesh_hh_98.dta", "progresa_children_1997_1999.dta"
PRICES = ["pcirr", "rice", "wheat", "milk", "oil", "egg"]
HANDBOOK = "handbook: Khandker, Koolwal and Samad 2010"
TOBACCO = "tobacco: Arkhangelsky and others 2021"
PROGRESA = "progresa"
RDROBUST = {40: 0.058498243622153834, 80: -0.004712956520521672}
"""The jump of enrolment at the cut-off with the bias taken out, as rdrobust 2.1.1 gives it with h = b."""


def published(folder: Path | None, tables: Path | None = None) -> tuple[list[Published], list[str]]:
    """Every published figure whose data are there, and what is left out, with the reason.

    Data lie in `folder`, published tables of surveys in `tables`.

    Raises ImpactError where pandas, which reads Stata files, is missing.
    """
    rows: list[Published] = []
    left_out: list[str] = []
    for source, files, compute in _STUDIES:
        lacking = [name for name in files if folder is None or not (folder / name).is_file()]
        if lacking:
            where = "no folder of data was given" if folder is None else f"{folder} has no {lacking[0]}"
            left_out.append(f"{source}: {where}")
            continue
        try:
            rows.extend(compute(*(_stata(folder / name) for name in files if folder is not None)))
        except ImpactError as error:
            if str(error) != NO_LIBRARY:
                raise
            left_out.append(f"{source}: {error}")
    for source, (survey, table) in FILES.items():
        if folder is None or tables is None:
            left_out.append(
                f"{source}: no folder of {'data' if folder is None else 'published tables'} was given"
            )
        elif lacking := [str(file) for file in (folder / survey, tables / table) if not file.is_file()]:
            left_out.append(f"{source}: there is no {lacking[0]}")
        else:
            rows.extend(tables_again(source, folder / survey, tables / table))
    return rows, left_out


def tobacco() -> dict[str, Any]:
    """Packs of cigarettes sold for each person in 39 states, 1970 to 2000, as the arguments of `synthetic`.

    California raised its tax in 1989 (Proposition 99). The file comes with synthdid-py. Raises ImpactError without it.
    """
    try:
        from synthdid import load_california_prop99
    except ImportError as error:
        raise ImpactError(NO_LIBRARY) from error
    frame = load_california_prop99()
    names = {"outcome": "PacksPerCapita", "units": "State", "times": "Year", "treated": "treated"}
    return {name: frame[column].to_numpy() for name, column in names.items()}


def _stata(path: Path) -> Any:
    try:
        import pandas as pd
    except ImportError as error:
        raise ImpactError("Stata files are read by pandas: pip install 'highground[stata]'") from error
    return pd.read_stata(path, convert_categoricals=False)


def _bangladesh(frame: Any) -> tuple[Any, Any]:
    """The number of each household's village, and the logarithm of its spending."""
    return frame["thanaid"].astype(int) * 10 + frame["villid"], np.log(1 + frame["exptot"])


def _handbook(waves: Any, later: Any) -> Iterator[Published]:
    villages, spending = _bangladesh(later)
    placed = later["dfmfd"].groupby(villages).transform("max")
    effect, _ = least_squares(spending, {"placed": placed})["placed"]
    yield Published(HANDBOOK, "placement of credit", 0.130, effect, 0.0005)
    villages, spending = _bangladesh(waves)
    year = waves["year"]
    borrowed = waves["dfmfd"].where(year == 1).groupby(waves["nh"]).transform("max")
    found = difference_in_differences(spending, borrowed, year)
    yield Published(HANDBOOK, "difference in differences", 0.1114, found.effect, 0.0001)
    yield Published(HANDBOOK, "difference in differences, t", 2.47, found.t, 0.005)
    controls = {name: waves[name] for name in ["sexhead", "agehead", "educhead", "vaccess", *PRICES]}
    controls["land"] = np.log(1 + waves["hhland"] / 100)
    weighted = difference_in_differences(spending, borrowed, year, controls=controls, weights=waves["weight"])
    yield Published(HANDBOOK, "weighted, with covariates, t", 0.97, weighted.t, 0.005)
    columns = {"after": year, "treated": borrowed, "both": year * borrowed}
    p = wild_bootstrap(spending, columns, "both", villages)
    yield Published(HANDBOOK, "wild bootstrap by village, p", 0.006, p, 0.003)
    spread = float(np.std(list(village_changes(spending, year, villages).values()), ddof=1))
    for others, effect in ((6, 0.43), (12, 0.37), (30, 0.32)):
        seen = minimum_detectable_effect(spread, 6, others, normal=True)
        yield Published(HANDBOOK, f"detectable effect, 6 villages and {others} others", effect, seen, 0.03)


def _tobacco() -> Iterator[Published]:
    panel = tobacco()
    for method, effect in (("sdid", -15.60), ("sc", -19.62), ("did", -27.35)):
        found = synthetic(**panel, method=method)
        yield Published(TOBACCO, found.method, effect, found.effect, 0.05)


def _progresa(frame: Any) -> Iterator[Published]:
    known = frame[frame["enroll_child"].notna() & frame["D_assig"].notna()]
    poor = known[(known["pov_HH"] == 1) & known["year"].isin([1997, 1998])]
    treated = poor.groupby("villid")["D_assig"].transform("max")
    found = difference_in_differences(
        poor["enroll_child"], treated, poor["year"] == 1998, villages=poor["villid"]
    )
    yield Published(PROGRESA, "enrolment", 0.0757, found.effect, 0.0001)
    yield Published(PROGRESA, "enrolment, error by village", 0.0153, found.standard_error, 0.0001)
    rows = known[(known["year"] == 1999) & (known["D_assig"] == 1) & known["z"].notna()]
    for bandwidth, jump in RDROBUST.items():
        seen = discontinuity(rows["enroll_child"], rows["z"], cutoff=0, bandwidth=bandwidth)
        what = f"jump of enrolment at the cut-off, {bandwidth} points (rdrobust)"
        yield Published(PROGRESA, what, jump, seen.robust_jump, 1e-9)


_STUDIES: list[tuple[str, tuple[str, ...], Callable[..., Iterator[Published]]]] = [
    (HANDBOOK, (WAVES, LATER), _handbook),
    (TOBACCO, (), _tobacco),
    (PROGRESA, (CHILDREN,), _progresa),
]
