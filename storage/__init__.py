"""What is kept: one SQLite file, one writer, one repository per table."""
