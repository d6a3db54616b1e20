"""The tests mirror the source: `tests/people` tests `highground.people`."""
