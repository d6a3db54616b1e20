"""Names that forms and the office agree on."""

HOUSEHOLDS, MEMBERS, COMPANIONS = "households", "household_members", "companions"
"""The tables that every form may read: two entity lists, and a plain list of the people who may come along."""

LISTS = (HOUSEHOLDS, MEMBERS, COMPANIONS)

VISIT = "visit"
"""The form of the phone's own page; with a rulebook after it the one that Collect shows."""


def is_visit(form_id: str) -> bool:
    """Whether this is the id of one of Highground's own visit forms."""
    return form_id == VISIT or form_id.startswith(f"{VISIT}-")
