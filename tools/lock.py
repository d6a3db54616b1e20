"""Make the locked requirements anew: exact versions with hashes, and no registry host in them.

    ./run python tools/lock.py            keep the versions that still fit
    ./run python tools/lock.py --upgrade  take the newest that fit

base.txt is what an installation needs, full.txt adds every extra but Spark and search, test.txt the tools of the checks;
spark.txt is what an installation with Spark needs, search.txt one that searches by meaning.
Each later file is held to the versions of the one before, so one environment can grow into the next.
"""

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements"
ALWAYS = [
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-annotate",
    "--no-header",
    "--no-emit-index-url",
    "--no-emit-find-links",
    "--quiet",
]
MOST_EXTRAS = [
    "--extra=postgres",
    "--extra=solve",
    "--extra=stata",
    "--extra=models",
    "--extra=pdf",
]  # Spark and search are too large for everybody
LOCKS = {
    "uv": ["requirements/uv.in"],
    "base": ["pyproject.toml", "requirements/build.in"],
    "full": [
        "pyproject.toml",
        "requirements/build.in",
        *MOST_EXTRAS,
        "--constraints=requirements/base.txt",
    ],
    "test": [
        "pyproject.toml",
        "requirements/build.in",
        "requirements/test.in",
        *MOST_EXTRAS,
        "--constraints=requirements/full.txt",
    ],
    "spark": ["pyproject.toml", "--extra=spark", "--constraints=requirements/test.txt"],
    "search": ["pyproject.toml", "--extra=search", "--constraints=requirements/test.txt"],
}


def find_uv() -> str:
    """uv from PATH or from this environment."""
    found = shutil.which("uv") or shutil.which("uv", path=str(Path(sys.executable).parent))
    if found is None:
        raise SystemExit("lock: there is no uv; install it with: python3 -m pip install uv")
    return found


def main(arguments: list[str]) -> None:
    """Compile every lock file in order."""
    uv = find_uv()
    for name, inputs in LOCKS.items():
        output = REQUIREMENTS / f"{name}.txt"
        subprocess.run(
            [uv, "pip", "compile", *inputs, *ALWAYS, *arguments, f"--output-file={output.relative_to(ROOT)}"],
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        print(
            f"{output.relative_to(ROOT)}: {sum('==' in line for line in output.read_text().splitlines())} packages"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
