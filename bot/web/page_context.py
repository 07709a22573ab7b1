"""What the page is given by the application: the same figures, storage and pictures as the chat."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bot.backtest.episodes import RuleHistory
from bot.charts.picture_cache import ChartCache
from bot.mining.machines import Catalogue
from bot.mining.market import Market
from bot.signals.history import History
from bot.snapshot import StatusView
from storage.database import Store


@dataclass(frozen=True, slots=True)
class MiniApp:
    """What the Mini App needs: the bot's `token`, which signs who opens it, and the public `url` (https).

    `allowed_chat_ids` is empty when everybody may use the bot.
    """

    token: str = field(repr=False)
    url: str
    max_watches_per_chat: int = 50
    allowed_chat_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class PageContext:
    """The page's tools.

    `market` gives the newest readings, `status` the rules and their states, `history` every series known,
    `rule_history` the past of every rule, `charts` the chat's pictures, `clock` UTC. Nobody can sign in
    without `mini_app`.
    """

    store: Store
    catalogue: Catalogue
    market: Callable[[], Market]
    status: Callable[[], StatusView]
    history: Callable[[], History]
    rule_history: Callable[[], Coroutine[Any, Any, RuleHistory]]
    charts: ChartCache
    clock: Callable[[], datetime]
    mini_app: MiniApp | None = None
