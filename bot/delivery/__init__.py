"""Delivery: pace outbox messages, send them through a transport and record the outcomes."""
