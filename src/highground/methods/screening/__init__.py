"""Run a rulebook over a register snapshot: verdicts, evidence, changes, record checks; on DuckDB."""

from highground.methods.screening.checks import CheckResult, Finding, check_records
from highground.methods.screening.notices import Notice
from highground.methods.screening.result import ScreenResult, load_result
from highground.methods.screening.screen import check_period, screen
from highground.methods.screening.tables import InputError
from highground.methods.store.engine import Limits

__all__ = [
    "CheckResult",
    "Finding",
    "InputError",
    "Limits",
    "Notice",
    "ScreenResult",
    "check_period",
    "check_records",
    "load_result",
    "screen",
]
