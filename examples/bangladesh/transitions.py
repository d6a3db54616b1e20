"""Count households by their verdicts in two runs: poor-poor, poor-not, not-poor, not-not."""

import sys
from collections import Counter
from pathlib import Path

from highground.methods.screening import load_result


def poor(folder: str) -> dict[str, bool]:
    """Whether each household of a run is poor. A verdict that nobody can give ends the count."""
    verdicts = load_result(Path(folder)).verdicts.select(["household", "class_verdict"]).to_pylist()
    unclear = sum(row["class_verdict"] == "cannot_tell" for row in verdicts)
    if unclear:
        sys.exit(f"{folder}: {unclear} households without a verdict")
    return {row["household"]: row["class_verdict"] == "yes" for row in verdicts}


before, after = (poor(folder) for folder in sys.argv[1:3])
if before.keys() != after.keys():
    sys.exit("the runs are not about the same households")
counts = Counter((before[household], after[household]) for household in before)
order = [(True, True), (True, False), (False, True), (False, False)]
sys.stdout.write("poor-poor, poor-not, not-poor, not-not:\n")
sys.stdout.write(" ".join(str(counts[pair]) for pair in order) + "\n")
