"""Install ODK Web Forms for the tests that hold our forms against it: `tests/vendor/web-forms` into `tests/.last`.

Needs npm, once. Nothing of it enters the repository, and nothing that runs in an office needs it.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PINNED = ROOT / "tests" / "vendor" / "web-forms"
FOLDER = ROOT / "tests" / ".last" / "web-forms"


def main() -> int:
    """Install what is pinned, unless it is there."""
    npm = shutil.which("npm")
    if npm is None:
        print("web_forms: npm was not found (Debian: apt-get install npm)", file=sys.stderr)
        return 1
    lock = PINNED / "package-lock.json"
    kept = FOLDER / "package-lock.json"
    if kept.exists() and kept.read_bytes() == lock.read_bytes() and (FOLDER / "node_modules").is_dir():
        return 0
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file in (PINNED / "package.json", lock):
        shutil.copy(file, FOLDER)
    return subprocess.run(
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=FOLDER, check=False
    ).returncode


if __name__ == "__main__":
    sys.exit(main())
