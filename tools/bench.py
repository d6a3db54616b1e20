"""What `./run bench NAME` does: run one benchmark of `benchmarks/`."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: list[str]) -> None:
    """Replace this process by the benchmark, or list the benchmarks."""
    names = sorted(path.stem for path in (ROOT / "benchmarks").glob("[!_]*.py"))
    if not arguments or arguments[0] not in names:
        given = f"there is no benchmark '{arguments[0]}'; " if arguments else ""
        sys.exit(f"bench: {given}choose one of: {', '.join(names) or '(none yet)'}")
    script = ROOT / "benchmarks" / f"{arguments[0]}.py"
    os.execv(sys.executable, [sys.executable, str(script), *arguments[1:]])


if __name__ == "__main__":
    main(sys.argv[1:])
