"""Whether an assistance project worked: methods that are right for a few villages, and say what they cannot claim."""

from highground.methods.impact.costs import Interval, OutcomeCost, cost_per_outcome, effect_interval
from highground.methods.impact.designing import DesignCheck, check_design, minimum_detectable_effect
from highground.methods.impact.differences import Effect, difference_in_differences, village_changes
from highground.methods.impact.discontinuity import Discontinuity, discontinuity
from highground.methods.impact.pairs import Pairs, matched_pairs
from highground.methods.impact.placebo import placebo_detectable, placebo_rejections
from highground.methods.impact.randomisation import (
    Randomised,
    assignments,
    effect_within_blocks,
    effects_under_chance,
    randomisation_test,
    smallest_p,
)
from highground.methods.impact.regression import Fit, ImpactError, least_squares
from highground.methods.impact.synthetic import Synthetic, synthetic
from highground.methods.impact.waves import EventStudy, WaveEffect, event_study
from highground.methods.impact.wild import wild_bootstrap

__all__ = [
    "DesignCheck",
    "Discontinuity",
    "Effect",
    "EventStudy",
    "Fit",
    "ImpactError",
    "Interval",
    "OutcomeCost",
    "Pairs",
    "Randomised",
    "Synthetic",
    "WaveEffect",
    "assignments",
    "check_design",
    "cost_per_outcome",
    "difference_in_differences",
    "discontinuity",
    "effect_interval",
    "effect_within_blocks",
    "effects_under_chance",
    "event_study",
    "least_squares",
    "matched_pairs",
    "minimum_detectable_effect",
    "placebo_detectable",
    "placebo_rejections",
    "randomisation_test",
    "smallest_p",
    "synthetic",
    "village_changes",
    "wild_bootstrap",
]
