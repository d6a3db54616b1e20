"""What comes in and what it means: imports, screening runs and the clues that they open."""
