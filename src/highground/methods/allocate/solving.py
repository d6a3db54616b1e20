"""How long, and with how many threads, the solver of whole numbers may search."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ortools.sat.python.cp_model import CpSolver

WORKERS = 2


def solver_within(seconds: float) -> CpSolver:
    """CP-SAT, to stop after so many seconds with the best that it has found. Raises ImportError without OR-tools."""
    from ortools.sat.python import cp_model

    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = max(0.01, seconds)
    solver.parameters.num_workers = WORKERS
    return solver
