"""Files that make no sense, a stop in the middle, a full disk: a clear outcome, and nothing half-landed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from highground.methods.feeds.errors import FeedError
from highground.methods.feeds.manifests import Landed
from highground.methods.store import Store
from tests.methods.feeds.conftest import GX, PERSONS, bill, current, land, open_landing, rows_of

ROOT = Path(__file__).resolve().parents[3]


def bills(count: int = 30) -> list[dict[str, str]]:
    """Bills of the persons who are found by their numbers."""
    return [
        bill(n % 5, day=f"2026-11-{1 + n % 26:02d}", own_paid=str(10 + n), total=str(500 + n))
        for n in range(count)
    ]


def swapped(rows: list[dict[str, str]], one: str, other: str) -> list[dict[str, str]]:
    """The rows with two columns exchanged."""
    return [{**row, one: row[other], other: row[one]} for row in rows]


@pytest.mark.parametrize(
    ("one", "other"),
    [("day", "own_paid"), ("own_paid", "day"), ("own_paid", "total"), ("day", "identity_number")],
)
def test_columns_that_are_swapped_are_told(
    store: Store, sent: Callable[..., Path], one: str, other: str
) -> None:
    with pytest.raises(FeedError, match="look swapped") as error:
        land(store, "medical", sent(swapped(bills(), one, other)))
    assert f"'{one}'" in str(error.value) and f"'{other}'" in str(error.value)
    assert not rows_of(store, "medical", "landed") and not Landed(store, "medical").manifests


def test_numbers_in_the_column_of_the_bill_are_told(store: Store, sent: Callable[..., Path]) -> None:
    rows = swapped([{**row, "record": f"b{n}"} for n, row in enumerate(bills())], "record", "identity_number")
    with pytest.raises(
        FeedError, match="'identity_number' and 'record' look swapped: nobody is found by the first, 5"
    ):
        land(store, "medical", sent(rows))


def test_typed_columns_that_are_swapped_are_told(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "bills.parquet"
    columns = {"day": pa.array([10.5]), "own_paid": pa.array([date(2026, 11, 2)])}
    pq.write_table(pa.table({"identity_number": [PERSONS[0].number], **columns}), path)
    with pytest.raises(FeedError, match=r"column 'day' is DOUBLE; .* needs a date .*'own_paid' could be it"):
        land(store, "medical", path)


def test_a_file_of_another_place_is_told(store: Store, sent: Callable[..., Path]) -> None:
    rows = [{**row, "identity_number": f"99000319900101{n:04d}"} for n, row in enumerate(bills())]
    with pytest.raises(FeedError, match=f"nobody in column 'identity_number' is on the register of {GX}"):
        land(store, "medical", sent(rows))


def test_a_sum_that_somebody_deleted_is_made_again_by_the_next_landing(
    store: Store, sent: Callable[..., Path]
) -> None:
    path = sent(bills())
    land(store, "medical", path)
    before = current(store, "medical")
    for gone in (store.feed("medical") / "months").glob("*/*.parquet"):
        gone.unlink()
    assert land(store, "medical", path)["already"] is True
    assert current(store, "medical") == before


def test_a_landed_file_that_somebody_deleted_is_named_and_landed_again(
    store: Store, sent: Callable[..., Path]
) -> None:
    path = sent(bills())
    land(store, "medical", path)
    before, rows = current(store, "medical"), rows_of(store, "medical", "landed")
    (gone,) = (store.feed("medical") / "landed").glob("*/*.parquet")
    gone.unlink()
    said = rf"landings/.*: names {gone.name} of 2026-11, which is not there; land sent\.csv again"
    with pytest.raises(FeedError, match=said):
        land(store, "medical", sent([bill(3, own_paid="77")], "next.csv"))
    assert land(store, "medical", path)["already"] is False
    assert current(store, "medical") == before and rows_of(store, "medical", "landed") == rows
    assert land(store, "medical", sent([bill(3, own_paid="77")], "next.csv"))["counts"]["landed"] == 1


def test_a_clock_that_jumped_is_told(store: Store, sent: Callable[..., Path]) -> None:
    with pytest.raises(FeedError, match="column 'day' cannot be 'day of the bill' in 100 % of the rows"):
        land(store, "medical", sent([{**row, "day": row["day"].replace("2026", "2062")} for row in bills()]))
    manifest = land(store, "medical", sent([*bills(), bill(day="2062-11-02")]))
    assert manifest["rejects"]["kinds"] == {"in_future": 1}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "bad.csv: is empty"),
        (b"\n", "bad.csv: is empty"),
        (b"identity_number,day\n1,2026-11-02\n", "there is no column 'own_paid'"),
        (b"identity_number,day,own_paid,OWN_PAID\n1,2026-11-02,1,2\n", "'own_paid' stands there twice"),
        (
            "identity_number,day,own_paid\n无,2026-11-02,1\n".encode("gb18030"),
            "is not UTF-8; name its encoding",
        ),
        (b"identity_number,day,own_paid\n1,2026-11-02\n", "cannot be read as CSV"),
        (b'identity_number,day,own_paid\n"1,2026-11-02,3\n', "cannot be read as CSV"),
    ],
)
def test_a_csv_file_that_cannot_be_read(store: Store, tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(FeedError, match=said):
        land(store, "medical", path)
    assert not Landed(store, "medical").manifests


def test_a_parquet_file_that_was_cut_off(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "bills.parquet"
    numbers = [PERSONS[0].number] * 5000
    pq.write_table(
        pa.table({"identity_number": numbers, "day": [date(2026, 11, 2)] * 5000, "own_paid": range(5000)}),
        path,
    )
    whole = path.read_bytes()
    for length in (0, 3, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(FeedError, match=r"cut off|is empty"):
            land(store, "medical", path)
    # The end is there, rows in the middle are not.
    path.write_bytes(whole[:200] + b"\0" * 2000 + whole[2200:])
    with pytest.raises(FeedError, match="cannot be read as Parquet"):
        land(store, "medical", path)
    assert not Landed(store, "medical").manifests
    path.write_bytes(whole)
    assert land(store, "medical", path)["counts"]["rows"] == 5000


def test_a_file_in_the_wrong_encoding_is_told(store: Store, tmp_path: Path) -> None:
    from highground.methods.feeds.definitions import load_feeds
    from highground.methods.feeds.mapping import read_feed_mapping

    content = {"file": {"encoding": "ascii"}, "number": "身份证", "fields": {"day": "d", "own_paid": "p"}}
    path = tmp_path / "bad.csv"
    path.write_bytes("身份证,d,p\n1,2026-11-02,1\n".encode("gb18030"))
    for encoding in ("ascii", "utf-16", "big5"):
        content["file"] = {"encoding": encoding}
        with pytest.raises(FeedError, match=r"its encoding in the mapping|there is no column"):
            land(store, "medical", path, mapping=read_feed_mapping(content, load_feeds()["medical"]))
    assert not list(store.feed("medical").rglob(".*.tmp"))


def test_a_file_that_is_not_there(store: Store, tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="there is no such file"):
        land(store, "medical", tmp_path / "none.csv")


def test_floating_identity_numbers_are_refused(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "bills.parquet"
    pq.write_table(pa.table({"identity_number": [9.9e17], "day": [date(2026, 11, 2)], "own_paid": [1]}), path)
    with pytest.raises(FeedError, match="lose digits; send it as text"):
        land(store, "medical", path)


def test_a_file_that_is_refused_does_not_stop_the_next(store: Store, sent: Callable[..., Path]) -> None:
    good, bad = sent(bills()), sent(swapped(bills(), "day", "own_paid"), "bad.csv")
    with open_landing(store, "medical") as landing:
        with pytest.raises(FeedError):
            landing.land(bad, province=GX)
        assert landing.land(good, province=GX)["counts"]["landed"] == 30
    assert current(store, "medical")["2026-11"]


def test_no_error_names_a_value(store: Store, sent: Callable[..., Path]) -> None:
    secret = "990001198001019999"
    rows = [bill(own_paid=secret), bill(day=secret), {**bill(), "identity_number": secret}]
    manifest = land(store, "medical", sent(rows))
    told = (store.feed("medical") / manifest["rejects"]["file"]).read_text(encoding="utf-8")
    assert told.count("\n") == 4 and secret not in told


SCRIPT = """
import sys
from datetime import date
from pathlib import Path
sys.path.insert(0, {root!r})
from highground.methods.store import Store
from tests.methods.feeds.conftest import open_landing
{before}
with open_landing(Store(Path({store!r})), "medical") as landing:
    print("begun", flush=True)
    for path in sys.argv[1:]:
        landing.land(Path(path), province="CN-GX")
"""


def landing_process(store: Store, paths: list[Path], before: str = "") -> subprocess.Popen[str]:
    """A landing in a process of its own."""
    script = textwrap.dedent(SCRIPT).format(root=str(ROOT), store=str(store.root), before=before)
    command = [sys.executable, "-c", script, *map(str, paths)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)


def test_killed_in_the_middle_nothing_is_half_landed(store: Store, sent: Callable[..., Path]) -> None:
    paths = [
        sent(
            [
                bill(n % 5, day=f"2026-{month:02d}-{1 + n % 9:02d}", own_paid=f"{part}.{n:02d}")
                for n in range(40)
            ],
            f"{part}.csv",
        )
        for part in range(1, 7)
        for month in (5 + part % 6,)
    ]
    chance = random.Random(5)
    for _ in range(6):
        process = landing_process(store, paths)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(chance.random() * 0.4)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert process.stderr is not None
        process.stderr.close()
        for manifest in Landed(store, "medical").manifests.values():
            for part in manifest["parts"]:
                assert (
                    pq.read_metadata(store.feed("medical") / "landed" / part["month"] / part["file"]).num_rows
                    == part["rows"]
                )
    land(store, "medical", *paths)
    landed, sums = rows_of(store, "medical", "landed"), current(store, "medical")
    fresh = Store(store.root.parent / "undisturbed")
    (fresh.root / "persons").mkdir(parents=True)
    for path in (store.root / "persons").iterdir():
        (fresh.root / "persons" / path.name).write_bytes(path.read_bytes())
    land(fresh, "medical", *paths)
    assert landed == rows_of(fresh, "medical", "landed") and sums == current(fresh, "medical")
    assert not list(store.root.rglob(".*.tmp"))


def test_when_no_more_can_be_written_nothing_is_landed(store: Store, tmp_path: Path) -> None:
    land_small = tmp_path / "small.csv"
    land_small.write_text("identity_number,day,own_paid\n" + f"{PERSONS[0].number},2026-10-02,10\n")
    land(store, "medical", land_small)
    before = current(store, "medical")
    big = tmp_path / "big.csv"
    lines = "".join(
        f"{PERSONS[n % 5].number},2026-11-{1 + n % 26:02d},{n}.{n % 97:02d}\n" for n in range(40_000)
    )
    big.write_text("identity_number,day,own_paid\n" + lines)
    limit = "import resource\nresource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))"
    process = landing_process(store, [big], limit)
    _, said = process.communicate(timeout=120)
    assert (
        process.returncode == 1 and "there is no room left to write; nothing of this file was landed" in said
    )
    assert current(store, "medical") == before and len(Landed(store, "medical").manifests) == 1
    assert land(store, "medical", big)["counts"]["landed"] == 40_000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one and a half MiB, where this machine lets tests have one."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1536k", "tmpfs", str(place)], capture_output=True, check=False
    )
    if mounted.returncode or os.name != "posix":
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_leaves_what_was_there(store: Store, small_disk: Path, tmp_path: Path) -> None:
    full = Store(small_disk / "store")
    (full.root / "persons").mkdir(parents=True)
    for path in (store.root / "persons").iterdir():
        (full.root / "persons" / path.name).write_bytes(path.read_bytes())
    small, big = tmp_path / "small.csv", tmp_path / "big.csv"
    small.write_text("identity_number,day,own_paid\n" + f"{PERSONS[0].number},2026-10-02,10\n")
    lines = "".join(
        f"{PERSONS[n % 5].number},2026-11-{1 + n % 26:02d},{n}.{n % 97:02d}\n" for n in range(60_000)
    )
    big.write_text("identity_number,day,own_paid\n" + lines)
    land(full, "medical", small)
    before = current(full, "medical")
    with pytest.raises(FeedError, match="there is no room left to write"):
        land(full, "medical", big)
    assert current(full, "medical") == before and not list(full.root.rglob(".*.tmp"))
    assert land(full, "medical", small)["already"]
