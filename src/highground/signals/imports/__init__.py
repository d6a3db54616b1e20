"""Household records from files: a mapping says what columns mean, good rows are kept, bad rows come back."""
