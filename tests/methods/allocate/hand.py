"""Two villages and four people that can be worked out by hand."""

from __future__ import annotations

import pyarrow as pa

from highground.methods.allocate.tables import Tables

TEXTS = pa.list_(pa.string())


def tables(**other: pa.Table) -> Tables:
    """East wants one who leads and knows agronomy; West wants two, of whom one leads. Unit U2 may release one person."""
    people = pa.table({
        "person": ["An", "Bo", "Cy", "Di"], "unit": ["U1", "U1", "U2", "U2"], "level": ["county"] * 4,
        "home_village": ["Far", "East", "Far", "Far"], "county": ["C1", "C2", "C2", "C2"],
        "x": [0.0, 10.0, 10.0, 10.0], "y": [0.0, 0.0, 0.0, 0.0],
        "skills": pa.array([["agronomy"], [], [], []], TEXTS), "languages": pa.array([[], [], [], []], TEXTS),
        "woman": [False, False, True, False], "first_secretary_ok": [True, True, False, False],
        "served_from": pa.array([None] * 4, pa.date32()), "spouse": pa.array([None] * 4, pa.string()),
    })  # fmt: skip
    units = pa.table({"unit": ["U1", "U2"], "cap": [2, 1], "paired_villages": [["East"], ["West"]]})
    villages = pa.table({
        "village": ["East", "West"], "county": ["C1", "C2"], "province": ["P", "P"], "x": [3.0, 10.0], "y": [4.0, 6.0],
        "needs": pa.array([["agronomy"], []], TEXTS), "language": pa.array([None, None], pa.string()),
        "remoteness": [0.9, 0.1], "leads": [1, 1], "members": [0, 1], "at_risk_people": [30, 20],
    })  # fmt: skip
    pairs = pa.table({
        "person": ["An", "An", "Bo", "Cy", "Di"], "village": ["East", "West", "West", "West", "West"],
        "points": [300, 340, 250, 200, 150],
    })  # fmt: skip
    return Tables(**({"people": people, "units": units, "villages": villages, "pairs": pairs} | other))
