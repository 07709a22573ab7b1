"""Personal watches: their grammar, their figures, and when they fire."""
