"""The procedure of a rulebook: a graph of steps, its clock, and the pure table of what may follow what.

`graph.py` says what a procedure is, `reading.py` makes one from a rulebook, `path.py` is the transition table,
`clock.py` counts the days, `picture.py` lays the graph out to be drawn.
"""
