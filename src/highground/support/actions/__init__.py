"""What is done for families: a file per thing that is promised, given or paid.

Every action has keyword-only arguments (`by` is a user, `today` the day of the office) and runs in one transaction.
Rows are locked in one order: the case, then budgets, then the head of the event log.
"""
