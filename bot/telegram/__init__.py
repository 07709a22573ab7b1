"""The Bot API: requests and their errors, receiving updates, the webhook server."""
