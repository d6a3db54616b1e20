"""The forum: nominations, the call, the programme, the days themselves, and what remains: practices, people, promises."""
