"""The chat: commands, buttons and other events, and the views that turn values into text."""
