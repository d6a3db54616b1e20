"""Experts and practices that everybody can read, questions to them, and what came of asking."""
