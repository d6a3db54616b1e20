"""Many files at once: rows wait in bounded numbers, nothing has a name before all is written, texts stay texts."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from highground.methods.world.nation.writing import Files


def table(first: int, rows: int) -> pa.Table:
    """Some rows with a text that repeats."""
    words = pa.array(["a", "b"]).take(pa.array([row % 2 for row in range(rows)], pa.int8()))
    return pa.table(
        {"household": [f"h{first + row}" for row in range(rows)], "word": words.dictionary_encode()}
    )


def test_small_tables_become_row_groups_in_order(tmp_path: Path) -> None:
    with Files(tmp_path) as files:
        for place in range(10):
            files.add("a/rows.parquet", table(place * 7, 7), group=20)
            assert not (tmp_path / "a" / "rows.parquet").exists()
        sizes = files.finish()
    path = tmp_path / "a" / "rows.parquet"
    read = pq.ParquetFile(path)
    assert [read.metadata.row_group(group).num_rows for group in range(read.num_row_groups)] == [
        21,
        21,
        21,
        7,
    ]
    assert read.read()["household"].to_pylist() == [f"h{row}" for row in range(70)]
    assert read.schema_arrow.field("word").type == pa.string()
    assert sizes == {"a/rows.parquet": path.stat().st_size} and files.rows == {"a/rows.parquet": 70}


def test_a_file_without_rows_has_its_columns(tmp_path: Path) -> None:
    with Files(tmp_path) as files:
        files.add("none.parquet", table(0, 0))
        files.finish()
    read = pq.read_table(tmp_path / "none.parquet")
    assert read.num_rows == 0 and read.column_names == ["household", "word"]
