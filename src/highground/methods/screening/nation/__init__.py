"""Screen a whole country from its store: province by province, complete, resumable, replayable; on DuckDB or Spark."""
