"""Tables and files: reading them as streams of Arrow batches, handing bad rows back, putting rows into the database in bulk."""
