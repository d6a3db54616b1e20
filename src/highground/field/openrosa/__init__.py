"""The addresses that ODK Collect and KoboCollect call: which forms there are, their lists, and where answers go."""
