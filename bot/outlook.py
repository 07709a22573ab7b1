"""The outlook: what the poller knows, as those who ask are shown it."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.bookkeeper import Bookkeeper
from bot.i18n.message import Speech
from bot.market import last_shutdowns, market
from bot.mining.machines import Catalogue
from bot.mining.market import Market
from bot.mining.mix import Shutdowns
from bot.poller import Poller
from bot.sources.base import Refusal
from handlers.context import View
from handlers.views import network


class Outlook:
    """The market and the standing of the rules at this moment.

    `power_price` in USD/kWh is the one of questions that name none; `refused` gives the series that no
    provider's word can be trusted on.
    """

    def __init__(
        self,
        poller: Poller,
        catalogue: Catalogue,
        power_price: float,
        books: Bookkeeper | None,
        refused: Callable[[], Sequence[Refusal]],
        clock: Callable[[], datetime],
    ) -> None:
        self._poller = poller
        self._catalogue = catalogue
        self._power_price = power_price
        self._books = books
        self._refused = refused
        self._clock = clock

    async def asked(self) -> Market:
        """The newest readings, for questions."""
        return self.market()

    def market(self) -> Market:
        """The newest readings."""
        return market(
            self._poller.history,
            self._clock(),
            self._power_price,
            self._poller.retarget,
            tuple(self._poller.day_ahead.values()),
        )

    def view(self) -> View:
        """Where the rules stand, and what must be known beside it."""
        last, rules = self._poller.last, self._poller.rules
        needed = {series for rule in rules for series in rule.inputs}
        books = self._books.note if self._books else None
        return View(
            rules,
            self._poller.standing,
            None if last is None else last.polled_at,
            books,
            tuple(one for one in self._refused() if one.series in needed),
            self.shutdowns(),
        )

    def shutdowns(self) -> Shutdowns | None:
        """Whom the price has put under water."""
        return last_shutdowns(self._poller.history, self._catalogue, self.market())

    def under_water(self, t: Speech) -> str | None:
        """The same in a line."""
        told = self.shutdowns()
        return None if told is None else network.shutdown_line(told, t)
