"""A synthetic country with known truth, for the demonstration, for benchmarks and for policy questions.

Nobody in it exists: a seed and a day make invented places, families, livelihoods and shocks, what registers
and departments get to know of them and when, and, beside it, the truth that they never see whole.
"""

from highground.methods.world.country import RUN_GAP_DAYS, Country, make_country
from highground.methods.world.lao import LAO_LINE
from highground.methods.world.places import place_names
from highground.methods.world.register import register_on

__all__ = ["LAO_LINE", "RUN_GAP_DAYS", "Country", "make_country", "place_names", "register_on"]
