"""What `./run check` does: style, types, floors, this house's own rules, and that migrations are complete.

Each check is a function without arguments that returns what it found wrong, nothing when all is well. The
same checks run as tests in `tests/tools/test_checks.py`, so `./run test` has one count and one last line.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tools import catalogues  # noqa: E402
from tools.lints import file_sizes, plain_words, unread_words, unscoped  # noqa: E402

BIN = Path(sys.executable).parent
PATHS = ["src", "tests", "tools", "benchmarks"]


def run(*command: str | Path) -> str:
    """Run a tool in the root of the checkout, with an empty home of its own; its output if it failed."""
    with tempfile.TemporaryDirectory(prefix="highground-check-") as home:
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
        environment |= {
            "HIGHGROUND_HOME": home,
            "DJANGO_SETTINGS_MODULE": "highground.settings",
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHONWARNINGS": "ignore",
        }
        done = subprocess.run(
            [str(word) for word in command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    return (done.stdout + done.stderr).strip() or f"exit code {done.returncode}" if done.returncode else ""


def django(*arguments: str) -> str:
    """Run a Django management command."""
    return run(sys.executable, "-m", "django", *arguments)


CHECKS: dict[str, Callable[[], str]] = {
    "style": lambda: run(BIN / "ruff", "check", "--quiet", *PATHS),
    "format": lambda: run(BIN / "ruff", "format", "--quiet", "--diff", *PATHS),
    "types": lambda: run(sys.executable, "-m", "mypy", "--no-error-summary"),
    "floors": lambda: run(BIN / "lint-imports", "--no-logo") or "",
    "file sizes": lambda: "\n".join(file_sizes.problems()),
    "words in f-strings": lambda: "\n".join(unread_words.problems()),
    "unscoped reading": lambda: "\n".join(unscoped.problems()),
    "plain words": lambda: "\n".join(plain_words.problems()),
    "translations": lambda: "\n".join(catalogues.problems()),
    "Django's checks": lambda: django("check", "--fail-level=WARNING"),
    "migrations": lambda: django("makemigrations", "--check", "--dry-run"),
}


def _timed(check: Callable[[], str]) -> tuple[str, float]:
    begin = time.monotonic()
    return check(), time.monotonic() - begin


def main() -> int:
    """Run every check, two at a time; 1 if any found something."""
    failed = []
    with ThreadPoolExecutor(2) as pool:
        results = {name: pool.submit(_timed, check) for name, check in CHECKS.items()}
        for name, result in results.items():
            found, seconds = result.result()
            print(f"{'FAILED' if found else 'ok':6} {name} ({seconds:.1f} s)", flush=True)
            if found:
                failed.append(name)
                print(found, flush=True)
    print(f"check: {', '.join(failed)} failed" if failed else "check: all is well")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
