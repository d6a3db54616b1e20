"""`./run` sets up once, notices what changed, and mends what was interrupted. No network is needed here:
the checkout is a small one without dependencies that builds itself."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "highground"
version = "0.0.1"
"""
BACKEND = '''
"""Just enough of PEP 660 to install this folder in place."""
import zipfile
from pathlib import Path

def prepare_metadata_for_build_editable(folder, config_settings=None):
    info = Path(folder) / "highground-0.0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\\nName: highground\\nVersion: 0.0.1\\n")
    return info.name

def build_editable(folder, config_settings=None, metadata_directory=None):
    name = "highground-0.0.1-py3-none-any.whl"
    info = "highground-0.0.1.dist-info"
    with zipfile.ZipFile(Path(folder) / name, "w") as wheel:
        wheel.writestr("highground.pth", str(Path(__file__).parent / "src"))
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: highground\\nVersion: 0.0.1\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/RECORD", "")
    return name
'''
UV = shutil.which("uv", path=str(Path(sys.base_prefix) / "bin")) or shutil.which("uv")
SAY = "import sys; print('hello from', sys.prefix)"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small checkout with the real `run` and `tools/set_up.py`."""
    folder = tmp_path / "check out"
    for name in ("run", "tools/set_up.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    (folder / "pyproject.toml").write_text(PROJECT)
    (folder / "backend.py").write_text(BACKEND)
    (folder / "src" / "highground").mkdir(parents=True)
    (folder / "src" / "highground" / "__init__.py").write_text("")
    (folder / "requirements").mkdir()
    for lock in ("uv", "base", "full", "test", "spark", "search"):
        (folder / "requirements" / f"{lock}.txt").write_text(f"# {lock}\n")
    return folder


def tools(tmp_path: Path, *, uv: bool) -> str:
    """A PATH with what `run` needs and nothing else, with or without uv."""
    folder = tmp_path / ("with uv" if uv else "without uv")
    folder.mkdir(exist_ok=True)
    wanted = {"python3": sys._base_executable, "sh": shutil.which("sh"), "dirname": shutil.which("dirname")}
    wanted |= {"cat": shutil.which("cat"), "uv": UV if uv else None}
    for name, path in wanted.items():
        if path and not (folder / name).exists():
            # A script and not a link: an interpreter finds its library by where it lies.
            (folder / name).write_text(f'#!/bin/sh\nexec "{path}" "$@"\n')
            (folder / name).chmod(0o755)
    return str(folder)


def run(checkout: Path, path: str, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Call `./run` from another folder, with that PATH, `more` variables and no network addresses to try."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_", "UV_"))
    }
    environment |= {"PATH": path, "PIP_NO_INDEX": "1", "UV_OFFLINE": "1", "HIGHGROUND_REQUIRE": "", **more}
    return subprocess.run(
        ["/bin/sh", str(checkout / "run"), *words],
        cwd=checkout.parent,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )


def test_set_up_once_then_again_only_for_a_change(checkout: Path, tmp_path: Path) -> None:
    path = tools(tmp_path, uv=UV is not None)
    venv = checkout / ".venv"

    assert "setting up .venv (full)" in run(checkout, path, "demo").stderr
    first = run(checkout, path, "python", "-c", SAY)
    assert (first.returncode, first.stdout) == (0, f"hello from {venv}\n"), first.stderr
    assert "setting up .venv (test)" in first.stderr
    second = run(checkout, path, "python", "-c", SAY)
    assert (second.returncode, second.stdout, second.stderr) == (0, f"hello from {venv}\n", "")

    # A larger set is kept when a smaller one is asked for.
    assert "setting up" not in run(checkout, path, "demo").stderr

    (checkout / "requirements" / "test.txt").write_text("# another\n")
    assert "setting up .venv (test)" in run(checkout, path, "python", "-c", SAY).stderr
    assert run(checkout, path, "python", "-c", SAY).stderr == ""

    # Spark comes only where the tests are told that it must be there, and then stays.
    spark = {"HIGHGROUND_REQUIRE": "postgres,spark"}
    assert "setting up" not in run(checkout, path, "demo", **spark).stderr
    assert "setting up .venv (test and spark)" in run(checkout, path, "python", "-c", SAY, **spark).stderr
    assert run(checkout, path, "python", "-c", SAY, **spark).stderr == ""
    assert run(checkout, path, "python", "-c", SAY).stderr == ""
    (checkout / "requirements" / "spark.txt").write_text("# another\n")
    assert run(checkout, path, "python", "-c", SAY).stderr == ""
    assert "setting up .venv (test and spark)" in run(checkout, path, "python", "-c", SAY, **spark).stderr

    # So does search, which comes with the verb that measures it as well; that goes on where it can't be had.
    assert "(test and spark and search)" in run(checkout, path, "highground", "search", "eval").stderr
    assert "setting up" not in run(checkout, path, "highground", "search", "eval").stderr
    (checkout / "requirements" / "search.txt").write_text("no-such-package==1 --hash=sha256:00\n")
    without = run(checkout, path, "highground", "search", "eval")
    assert "going on without search" in without.stderr
    assert "No module named" in without.stderr  # the verb was called; this checkout has no program

    # An interrupted set-up is done over from the start.
    (venv / "highground-set-up.unfinished").touch()
    (venv / "half-installed").touch()
    mended = run(checkout, path, "python", "-c", SAY)
    assert mended.returncode == 0
    assert "left unfinished" in mended.stderr
    assert not (venv / "half-installed").exists()

    # So is an environment whose checkout was moved: its scripts name the old place.
    moved = checkout.rename(tmp_path / "moved")
    again = run(moved, path, "python", "-c", SAY)
    assert (again.returncode, again.stdout) == (0, f"hello from {moved / '.venv'}\n")


def test_without_uv_the_interpreters_own_venv_and_pip_do(checkout: Path, tmp_path: Path) -> None:
    if subprocess.run([sys._base_executable, "-c", "import venv, ensurepip"], capture_output=True).returncode:
        pytest.skip("this Python has no ensurepip")
    path = tools(tmp_path, uv=False)
    done = run(checkout, path, "python", "-c", SAY)
    assert (done.returncode, done.stdout) == (0, f"hello from {checkout / '.venv'}\n"), done.stderr
    assert json.loads((checkout / ".venv" / "highground-set-up.json").read_text())["lock"] == "test"


def test_what_can_not_be_installed_is_said_and_tried_again(checkout: Path, tmp_path: Path) -> None:
    path = tools(tmp_path, uv=UV is not None)
    lock = checkout / "requirements" / "test.txt"
    good = lock.read_text()
    lock.write_text(f"no-such-package-here==1.0 --hash=sha256:{'0' * 64}\n")
    failed = run(checkout, path, "python", "-c", SAY)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "run the same command again once that is mended" in failed.stderr
    lock.write_text(good)
    assert run(checkout, path, "python", "-c", SAY).returncode == 0


def test_an_old_python_without_anything_is_told_what_to_install(checkout: Path, tmp_path: Path) -> None:
    folder = Path(tools(tmp_path, uv=False))
    bare = 'import sys; sys.modules["ensurepip"] = sys.modules["pip"] = sys.modules["virtualenv"] = None\n'
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(bare)
    (folder / "python3").write_text(
        f'#!/bin/sh\nPYTHONPATH="{tmp_path / "site"}" exec "{sys._base_executable}" "$@"\n'
    )
    done = run(checkout, str(folder), "python", "-c", SAY)
    assert done.returncode == 1
    assert "apt-get install python3-venv" in done.stderr


def test_help_and_unknown_verbs_need_no_set_up(checkout: Path, tmp_path: Path) -> None:
    path = tools(tmp_path, uv=False)
    assert run(checkout, path).stdout.startswith("Usage: ./run VERB")
    unknown = run(checkout, path, "tset")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert "there is no verb 'tset'" in unknown.stderr
    assert not (checkout / ".venv").exists()
