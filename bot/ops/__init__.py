"""Operating the program: scheduler, supervisor, health, metrics, heartbeat, `doctor`."""
