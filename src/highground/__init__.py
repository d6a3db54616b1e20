"""Highground sees which households are slipping back into poverty, says why, and helps people act.

Two wings under one roof: `highground.methods` is plain Python for analysts (tables in, tables out);
the other rooms are a Django project in which people do the work.
"""

__version__ = "0.1.0"
