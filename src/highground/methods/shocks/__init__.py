"""Floods, droughts, epidemics, falls of prices and closed borders: events that expose whole villages.

A shock is recorded in the store with its kind, areas, days and source. From its first day until some time after its
last, the villages in its areas are exposed: rules may ask for it (the fact `exposed_to`), and a clue that follows can
be led back to the shock.
"""

from highground.methods.shocks.exposure import (
    clues_after,
    empty_areas,
    exposed,
    exposed_households,
    villages_exposed,
)
from highground.methods.shocks.recording import (
    Shock,
    ShockError,
    add_shock,
    end_shock,
    read_shock,
    read_shocks,
)

__all__ = [
    "Shock",
    "ShockError",
    "add_shock",
    "clues_after",
    "empty_areas",
    "end_shock",
    "exposed",
    "exposed_households",
    "read_shock",
    "read_shocks",
    "villages_exposed",
]
