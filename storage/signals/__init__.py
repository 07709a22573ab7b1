"""Readings, alerts, rule states and the holdings of public miners."""
