"""A screened register for tests of runs, clues and their pages."""

from tests.support.screened import own_home, register, run

__all__ = ["own_home", "register", "run"]
