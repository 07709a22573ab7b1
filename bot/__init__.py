"""minerwatch: the program. The folders are its layers; docs/architecture.md shows them."""
