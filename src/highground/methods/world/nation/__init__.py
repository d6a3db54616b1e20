"""A synthetic nation: the registers of two months and what departments would send, at the size of a whole country.

Nobody in it exists. It is drawn block by block, so that memory does not grow with the nation. It has what costs a real
screening its time: large and small provinces, said and heaped incomes, gaps, stale check-ups, late rows, wrong
numbers and rows sent twice.
"""

from highground.methods.world.nation.making import make_nation
from highground.methods.world.nation.plan import Plan, PlanError, make_plan
from highground.methods.world.nation.writing import WorldError

__all__ = ["Plan", "PlanError", "WorldError", "make_nation", "make_plan"]
