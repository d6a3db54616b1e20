"""Households, their members, and dated facts about both, each with its source."""
