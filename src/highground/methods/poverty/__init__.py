"""Poverty, inequality and deprivation with the standard errors of the survey's design.

from highground.methods.poverty import Design, poverty, inequality, mpi, relative

survey = Design(table, weight="weight", strata="stratum", psu="cluster")
poverty(survey, "income", line=10_000, measures=["fgt0", "fgt1"], by=["region"])
poverty(survey, "income", line=relative(0.6, "median"))
inequality(survey, "income", ["gini", "ge1"])
mpi(survey, {"nutrition": 1 / 3, "school": 1 / 3, "water": 1 / 6, "assets": 1 / 6}, k=1 / 3)
"""

from highground.methods.poverty.design import Design, PovertyError
from highground.methods.poverty.estimates import Estimates, inequality, mpi, poverty
from highground.methods.poverty.lines import Relative, relative

__all__ = [
    "Design",
    "Estimates",
    "PovertyError",
    "Relative",
    "inequality",
    "mpi",
    "poverty",
    "relative",
]
