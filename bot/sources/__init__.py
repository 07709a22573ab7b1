"""One module per provider of public data, behind one small common base."""
