"""The people who use Highground: who they are, which role they hold, in which area and for how long."""
