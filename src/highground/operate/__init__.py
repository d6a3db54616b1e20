"""Running an installation: what it lacks, its tables, its server, its backups."""
