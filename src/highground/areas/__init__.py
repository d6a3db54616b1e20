"""The tree of areas, from country to village group, with codes, names in many languages and points."""
