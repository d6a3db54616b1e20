"""The door for people without an account: a self-report, an objection, a complaint, and what becomes of it.

`pages.py` is what everybody sees, `inside.py` what the office sees. Nothing that anybody sends makes the public pages
say whether a household, a notice or another message exists.
"""
