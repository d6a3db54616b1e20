"""Benchmarks: `./run bench NAME` runs `benchmarks/NAME.py`."""
