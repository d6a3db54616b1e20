"""The forms of villages, projects and studies."""
