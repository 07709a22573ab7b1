"""Pictures of the series and of what the rules made of them. Drawing blocks: call it in a thread."""
