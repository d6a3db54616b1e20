"""What is done to cases: a file per form in which a step is taken.

Every action has keyword-only arguments (`by` is a user, `today` the day of the office), runs in one transaction, and
takes steps through `flow.take_step` alone.
"""
