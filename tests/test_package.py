"""What is installed from a wheel is whole: code, pages, rulebooks, translations."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
NOT_SHIPPED = {".po", ".pyc"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    source = ROOT / "src"
    tracked = subprocess.run(
        ["git", "ls-files", "src/highground"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    wanted = {
        str(path.relative_to(source))
        for name in tracked
        if (path := ROOT / name).exists() and path.suffix not in NOT_SHIPPED
    }
    assert wanted - set(zipfile.ZipFile(wheel).namelist()) == set()
    for kind in (".html", ".css", ".yaml", ".mo", ".js"):
        assert any(name.endswith(kind) for name in wanted), f"no {kind} file in the package"


def test_it_runs_from_the_wheel_alone(wheel: Path) -> None:
    folder = _installed(wheel)
    program = f"""
import sys
sys.path.insert(0, {str(folder)!r})
import highground.cli
assert highground.__file__.startswith({str(folder)!r})
highground.cli.main(["rulebook", "check", "cn-2021"])
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("cn-2021 ")


def _installed(wheel: Path) -> Path:
    """The wheel's content in a folder of its own."""
    folder = wheel.parent / "installed"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder
