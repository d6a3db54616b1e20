"""Verbs of villages, projects and studies: keyword-only, one transaction, one event."""
