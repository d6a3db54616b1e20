"""Early warning, first part: a random audit of households that nothing flags, and who is missed by what it finds."""

from highground.methods.risk.drawing import Draw, draw_audit
from highground.methods.risk.missing import Missed, missed
from highground.methods.risk.tables import InputError

__all__ = ["Draw", "InputError", "Missed", "draw_audit", "missed"]
