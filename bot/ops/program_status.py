"""The program's own state, as operators ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.i18n.message import Message


@dataclass(frozen=True, slots=True)
class SourceState:
    """One provider: its state in a word, why when not well, its newest value's time, calls this UTC day."""

    name: str
    state: str
    why: Message | None
    as_of: datetime | None
    calls: int


@dataclass(frozen=True, slots=True)
class ProgramStatus:
    """How the program itself does. Sizes in bytes; `outcomes` counts messages since the start."""

    version: str
    uptime: timedelta
    polls: Mapping[str, int]
    blind: bool
    outcomes: Mapping[str, int]
    waiting: int
    oldest_waiting: timedelta
    updates: int
    turned_away: int
    database_bytes: int
    memory_bytes: int
