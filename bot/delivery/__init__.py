"""From the outbox to Telegram: pacing, sending, and what became of every message."""
