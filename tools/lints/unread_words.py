"""A text for translation inside an f-string is never found by what collects texts: it stays English for everybody."""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMES = {"_", "gettext", "ngettext", "pgettext", "npgettext", "gettext_lazy", "ngettext_lazy", "gettext_noop"}


def problems(root: Path = ROOT) -> list[str]:
    """The places where one stands, with the mend."""
    found = []
    for path in sorted((root / "src").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                found += [
                    f"{path.relative_to(root)}:{call.lineno}: a text for translation inside an f-string; "
                    "take it out, or write it with %(name)s"
                    for call in ast.walk(node)
                    if isinstance(call, ast.Call) and _name(call.func) in NAMES and _is_text(call)
                ]
    return found


def _name(function: ast.expr) -> str:
    return function.id if isinstance(function, ast.Name) else ""


def _is_text(call: ast.Call) -> bool:
    """A call with a word of its own: what is looked up by a variable was collected where it stands."""
    return bool(call.args) and isinstance(call.args[0], ast.Constant)
