"""The scripts behind `./run`: set-up, checks, locks, translations, generated pages."""
