"""From clue to exit: the procedure of one household, in the open.

`path.py` in `methods/rules/procedure` says what may follow what. `flow.py` here is the one place where a step is
taken: it locks the case, asks the table, stores the step, keeps the deadlines, records the event. `actions/` holds a
file per form in which a step is taken (visit, application, comparison, meeting, notice, decision).
"""
