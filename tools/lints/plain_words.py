"""Nothing in the repository speaks of one machine, one registry or unfinished work."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = {
    ".cfg", ".css", ".csv", ".html", ".in", ".js", ".json", ".md", ".po", ".py", ".scss", ".sh", ".svg", ".toml",
    ".txt", ".yaml", ".yml", "",
}  # fmt: skip
RULES = {
    r"\b(TODO|FIXME|XXX|HACK)\b": "finish it or write it down where it can be found: a comment is neither",
    r"(?<![\w.}])/(root|home)/\w": "a path of one machine",
    r"(?i)(--index-url|--find-links|--extra-index-url)\s": "a requirement names no registry",
    r"(?i)\bhttps?://[\w.-]*(pypi|pythonhosted|registry\.npmjs)[\w.-]*": "a file names no registry host",
    r"(?i)\b(closes|fixes|see|issue) #\d+": "a number in some tracker tells the reader nothing: say it in words",
}
LOADS = re.compile(r"""(?i)(?:\bsrc|\bhref)=["']https?://|url\(\s*["']?https?://|@import\s+["']https?://""")
ALLOWED = {"tools/lints/plain_words.py", "tests/tools/test_lints.py"}


def files(root: Path = ROOT) -> list[Path]:
    """The files under version control that hold text, third-party files aside."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        text=True,
        check=True,
    )
    paths = [Path(name) for name in listed.stdout.split("\0") if name]
    return [
        path
        for path in paths
        if path.suffix in TEXT
        and "vendor" not in path.parts
        and str(path) not in ALLOWED
        and (root / path).is_file()
    ]


def problems(root: Path = ROOT) -> list[str]:
    """Each forbidden word with its file and line."""
    found = []
    rules = [(re.compile(pattern), why) for pattern, why in RULES.items()]
    for path in files(root):
        page = "src" in path.parts and path.suffix in {".html", ".css", ".svg"}
        for number, line in enumerate(
            (root / path).read_text(encoding="utf-8", errors="replace").splitlines(), 1
        ):
            found += [
                f"{path}:{number}: '{hit.group(0).strip()}': {why}"
                for rule, why in rules
                if (hit := rule.search(line))
            ]
            if page and LOADS.search(line) and "<a " not in line:
                found.append(f"{path}:{number}: a page loads nothing from another host")
    return found
