"""The page beside the chat: status, break-even, feeds and an API over the same core and storage."""
