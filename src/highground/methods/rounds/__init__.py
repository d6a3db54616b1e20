"""Who visits whom: the visits of the coming days, by a rule that can be told at every door.

Tables of tasks and people in, a plan with its reasons out. The room knows nothing of households or offices.
"""

from highground.methods.rounds.visits import (
    Left,
    Plan,
    Planned,
    Task,
    Visitor,
    Why,
    WhyLeft,
    plan_visits,
)

__all__ = ["Left", "Plan", "Planned", "Task", "Visitor", "Why", "WhyLeft", "plan_visits"]
