"""Reading villages, projects and studies, each in somebody's scope."""
