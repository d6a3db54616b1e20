"""Resident village work teams: candidates, sending units, what villages need, plans of who goes where, and who is there."""
