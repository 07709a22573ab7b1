"""The program: its parts put together, its scheduled jobs, its start and its end."""

from bot.app.program import Program, utc_now

__all__ = ["Program", "utc_now"]
