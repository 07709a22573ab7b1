"""Texts and languages: messages with values, translators, time zones."""
