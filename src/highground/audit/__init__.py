"""What was done, by whom: an append-only, hash-chained event log, and a log of who looked.

This room lies on the ground floor: it knows people, areas and subjects only as ids in text.
"""
