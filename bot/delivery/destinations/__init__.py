"""Destinations outside Telegram: signed webhooks, and services through Apprise, out of the same outbox."""
