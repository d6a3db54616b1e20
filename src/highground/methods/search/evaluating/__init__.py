"""How well search finds what is known to be right: test sets are read from a folder, and each arm is measured."""
