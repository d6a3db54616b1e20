"""`.everywhere(reason=...)` reads past the area scope: only files that are listed with a reason may call it.

The list is `unscoped.txt` beside this file: a path under `src/highground/`, two spaces or more, the reason.
"""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CALL = re.compile(r"\.everywhere\(")
DEFINED_IN = "accounts/scoping.py"


def allowed(root: Path = ROOT) -> dict[str, str]:
    """Path under src/highground -> why it may read everywhere."""
    lines = (root / "tools" / "lints" / "unscoped.txt").read_text(encoding="utf-8").splitlines()
    pairs = [re.split(r" {2,}", line, maxsplit=1) for line in lines if line and not line.startswith("#")]
    return {pair[0]: pair[1].strip() if len(pair) == 2 else "" for pair in pairs}


def problems(root: Path = ROOT) -> list[str]:
    """Files that read everywhere without being listed, and listed files that no longer do."""
    package = root / "src" / "highground"
    callers = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if CALL.search(path.read_text(encoding="utf-8"))
    } - {DEFINED_IN}
    reasons = allowed(root)
    found = [
        f"src/highground/{path}: calls everywhere(); use visible_to(user), or list it with a reason in "
        "tools/lints/unscoped.txt"
        for path in sorted(callers - reasons.keys())
    ]
    found += [
        f"tools/lints/unscoped.txt: {path} does not call everywhere() any more; take the line out"
        for path in sorted(reasons.keys() - callers)
    ]
    found += [
        f"tools/lints/unscoped.txt: {path} has no reason"
        for path, reason in sorted(reasons.items())
        if not reason
    ]
    return found
