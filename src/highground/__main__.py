"""`python -m highground` is the command line."""

from highground.cli import main

main()
