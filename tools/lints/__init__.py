"""Rules of this house that no general linter knows: one small module each, with `problems() -> list[str]`."""
