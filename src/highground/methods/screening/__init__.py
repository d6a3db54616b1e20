"""Run a rulebook over a register snapshot: verdicts, evidence, changes; on DuckDB."""

from highground.methods.screening.door import InputError
from highground.methods.screening.engine import Limits
from highground.methods.screening.notices import Notice
from highground.methods.screening.result import ScreenResult, load_result
from highground.methods.screening.screen import check_period, screen

__all__ = ["InputError", "Limits", "Notice", "ScreenResult", "check_period", "load_result", "screen"]
