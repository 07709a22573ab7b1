"""What every handler needs, given once by the application."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from telegram.ext import Application

from bot.backtest.episodes import RuleHistory
from bot.charts.picture_cache import ChartCache
from bot.mining.machines import Catalogue
from bot.mining.market import Market
from bot.signals.history import History
from bot.snapshot import StatusView
from storage.database import Store

App = Application[Any, Any, Any, Any, Any, Any]
"""The Telegram application; handlers keep nothing in its generic stores."""


async def _no_past() -> RuleHistory:
    """The past of a program that has none."""
    return RuleHistory(date.min, {}, ())


@dataclass(frozen=True, slots=True)
class HandlerContext:
    """The handlers' tools.

    `market` gives the newest readings, `view` the rules' standing, `history` every series known, `clock` UTC;
    `wake` says that something waits to be delivered; `most_watches` is how many personal watches a chat may
    have, `chronicle` gives the past of every rule, `gallery` draws.
    """

    store: Store
    catalogue: Catalogue
    market: Callable[[], Market]
    view: Callable[[], StatusView]
    clock: Callable[[], datetime]
    admins: frozenset[int]
    history: Callable[[], History] = History
    wake: Callable[[], None] = lambda: None
    most_watches: int = 50
    chronicle: Callable[[], Awaitable[RuleHistory]] = _no_past
    gallery: ChartCache = field(default_factory=ChartCache)
