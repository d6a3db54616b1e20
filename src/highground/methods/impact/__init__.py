"""Whether an assistance project worked: methods that are right for a few villages, and say what they cannot claim."""

from highground.methods.impact.designing import DesignCheck, check_design, minimum_detectable_effect
from highground.methods.impact.differences import Effect, difference_in_differences, village_changes
from highground.methods.impact.discontinuity import Discontinuity, discontinuity
from highground.methods.impact.placebo import placebo_detectable, placebo_rejections
from highground.methods.impact.randomisation import (
    Randomised,
    assignments,
    effects_under_chance,
    randomisation_test,
    smallest_p,
)
from highground.methods.impact.regression import Fit, ImpactError, least_squares
from highground.methods.impact.synthetic import Synthetic, synthetic
from highground.methods.impact.wild import wild_bootstrap

__all__ = [
    "DesignCheck",
    "Discontinuity",
    "Effect",
    "Fit",
    "ImpactError",
    "Randomised",
    "Synthetic",
    "assignments",
    "check_design",
    "difference_in_differences",
    "discontinuity",
    "effects_under_chance",
    "least_squares",
    "minimum_detectable_effect",
    "placebo_detectable",
    "placebo_rejections",
    "randomisation_test",
    "smallest_p",
    "synthetic",
    "village_changes",
    "wild_bootstrap",
]
