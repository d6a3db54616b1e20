"""A nation on disk: the same bytes for the same seed, whole after any stop, and never mixed with another."""

import hashlib
import multiprocessing
import os
import random
import resource
import signal
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from highground.methods.store.layout import StoreError
from highground.methods.store.publishing import locked
from highground.methods.world.commands import world
from highground.methods.world.nation import Plan, WorldError, make_nation, make_plan

PLAN = make_plan(4_000, 2, 3)


def digests(root: Path) -> dict[str, str]:
    """The hash of every file below a folder."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The files of a nation that nothing disturbed."""
    root = tmp_path_factory.mktemp("undisturbed")
    make_nation(PLAN, root)
    return digests(root)


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path, undisturbed: dict[str, str]) -> None:
    make_nation(make_plan(4_000, 2, 3), tmp_path)
    assert digests(tmp_path) == undisturbed


@pytest.mark.parametrize("other", [(4_000, 2, 4), (4_001, 2, 3), (4_000, 3, 3)])
def test_another_seed_or_size_writes_another_nation(
    tmp_path: Path, undisturbed: dict[str, str], other: tuple[int, int, int]
) -> None:
    make_nation(make_plan(*other), tmp_path)
    name = "feeds/subsistence/2026-11/CN-GD.parquet"
    assert digests(tmp_path)[name] != undisturbed[name]


def _make(plan: Plan, root: Path) -> None:
    make_nation(plan, root)


@pytest.mark.parametrize("attempt", range(3))
def test_killed_at_any_moment_it_goes_on_to_the_same_nation(
    tmp_path: Path, undisturbed: dict[str, str], attempt: int
) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_make, args=(PLAN, tmp_path))
    process.start()
    while not (tmp_path / "made").is_dir() and process.is_alive():
        time.sleep(0.01)
    time.sleep(random.Random(attempt).uniform(0.05, 0.8))
    assert process.pid is not None
    if process.is_alive():
        os.kill(process.pid, signal.SIGKILL)
    process.join()
    done: list[int] = []
    made = make_nation(PLAN, tmp_path, done.append)
    assert made["complete"] and sum(done) == PLAN.households
    assert digests(tmp_path) == undisturbed


def test_a_province_that_is_whole_is_kept_and_a_damaged_one_is_made_again(
    tmp_path: Path, undisturbed: dict[str, str]
) -> None:
    make_nation(PLAN, tmp_path)
    damaged = tmp_path / "register" / "2026-11" / "CN-GX" / "members.parquet"
    kept = tmp_path / "register" / "2026-11" / "CN-GZ" / "members.parquet"
    damaged.write_bytes(damaged.read_bytes()[:-100])
    before = kept.stat().st_mtime_ns
    make_nation(PLAN, tmp_path)
    assert kept.stat().st_mtime_ns == before
    assert digests(tmp_path) == undisturbed


def test_an_error_half_way_leaves_nothing_unfinished_under_a_name(tmp_path: Path) -> None:
    def fail(households: int) -> None:
        raise RuntimeError("stopped")

    with pytest.raises(RuntimeError, match="stopped"):
        make_nation(PLAN, tmp_path, fail)
    assert not list(tmp_path.rglob("*.parquet"))


def _make_on_a_full_disk(root: Path, said: Path) -> None:
    """Files of more than 20 kB cannot be written, as on a disk that is full."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
    try:
        make_nation(PLAN, root)
    except WorldError as error:
        said.write_text(str(error))


def test_a_full_disk_is_said_and_leaves_nothing_half(tmp_path: Path, undisturbed: dict[str, str]) -> None:
    root, said = tmp_path / "nation", tmp_path / "said"
    process = multiprocessing.get_context("spawn").Process(target=_make_on_a_full_disk, args=(root, said))
    process.start()
    process.join()
    assert process.exitcode == 0
    assert "make room and call the same command again" in said.read_text()
    assert not list(root.rglob("*.tmp"))
    make_nation(PLAN, root)
    assert digests(root) == undisturbed


def test_a_folder_of_another_nation_is_refused(tmp_path: Path) -> None:
    make_nation(PLAN, tmp_path)
    with pytest.raises(WorldError, match="holds another nation \\(seed differs\\); give the same seed"):
        make_nation(make_plan(4_000, 2, 4), tmp_path)


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(WorldError, match=r"holds other things \(letters.txt\)"):
        make_nation(PLAN, tmp_path)


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    with (
        locked(tmp_path, "making of a nation"),
        pytest.raises(StoreError, match="another making of a nation"),
    ):
        make_nation(PLAN, tmp_path)


def test_the_command_says_what_it_wrote(tmp_path: Path) -> None:
    out = tmp_path / "nation"
    said = CliRunner().invoke(
        world, ["generate", "--households", "500", "--months", "1", "--out", str(out)], catch_exceptions=False
    )
    assert said.exit_code == 0
    assert "1,000  households" in said.output and said.output.splitlines()[-1] == str(out)
