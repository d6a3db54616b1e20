"""The demonstration: one command from nothing to an office at work in an invented country.

It lives in a home of its own, beside whatever else is installed, marked as synthetic on every page. The
first start fills it, later ones only serve; a filling that was cut off is thrown away and done again.
"""

from highground.demo.start import DemoError, command, demo

__all__ = ["DemoError", "command", "demo"]
