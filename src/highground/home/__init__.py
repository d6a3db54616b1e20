"""Pages that join rooms: each role's first page, an area, a household."""
