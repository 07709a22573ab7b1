"""Widgets: small documents with a script that Telegram's apps draw inside a message (Bot API 10.4)."""
