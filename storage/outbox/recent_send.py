"""What a replica tells the others of what it has sent."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RecentSend:
    """A message or an edit that went to a chat some time ago, or a 429 that asked to wait."""

    chat: str
    age_s: float
    is_edit: bool = False
    retry_after_s: float | None = None
