"""Charts: which one is asked for, its data, and the process that draws it."""
