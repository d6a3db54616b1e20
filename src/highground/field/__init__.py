"""The phone at the door: its page that works without network, what it is given, and what comes back from it."""
