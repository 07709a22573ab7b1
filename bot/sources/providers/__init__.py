"""One module per provider: its requests, and how its answers become readings."""
