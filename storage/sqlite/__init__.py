"""SQLite, the usual engine: one file of one program, and its backups."""
