"""The figures of benchmarks are told in one way."""

import json
import time

import pytest

from benchmarks._harness import Bench, cpu_seconds, peak_memory, percentile


def test_percentiles_are_values_that_were_measured() -> None:
    values = list(range(1, 101))
    assert [percentile(values, share) for share in (0, 0.5, 0.95, 0.99, 1)] == [1, 50, 95, 99, 100]
    assert percentile([7], 0.95) == 7


def test_a_table_and_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    bench = Bench("pages", households=100_000)
    with bench.part("work"):
        before = cpu_seconds()
        while cpu_seconds() - before < 0.02:
            sum(range(1000))
        time.sleep(0.01)
    bench.times("worklist", [0.001, 0.002, 0.01])
    bench.finish()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "pages: households 100,000"
    told = json.loads(lines[-1])
    assert told["figures"]["worklist"] == {"runs": 3, "p50_ms": 2.0, "p95_ms": 10.0, "p99_ms": 10.0}
    work = told["figures"]["work"]
    assert work["seconds"] >= 0.03
    assert 0.02 <= work["cpu_seconds"] <= work["seconds"] * 2
    assert work["peak_mib"] == pytest.approx(peak_memory() / 2**20, rel=0.5)
    assert told["machine"]["cores"] >= 1
