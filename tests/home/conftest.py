"""A screened register for tests of the first page and of areas."""

from tests.support.screened import own_home, register, run

__all__ = ["own_home", "register", "run"]
