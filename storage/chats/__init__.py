"""What is stored about chats: subscriptions, preferences, watches, fleets, pins, digests."""
