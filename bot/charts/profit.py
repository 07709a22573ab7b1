"""The data of a picture of a machine's profit against the bitcoin price."""

from dataclasses import dataclass

from bot.mining.economics import Economics


@dataclass(frozen=True, slots=True)
class ProfitChart:
    """One picture: the machine's economics now, whose figures they rest on (nobody's: ""), light or dark."""

    now: Economics
    source: str = ""
    dark: bool = False

    @property
    def key(self) -> "ProfitChart":
        """Equal keys: the same picture."""
        return self

    @property
    def highest_price(self) -> float:
        """The right end, in USD: beyond the price now and the break-even, unless that is very far."""
        price, breakeven = self.now.btc_price_usd, self.now.breakeven_btc_price_usd or 0.0
        return 1.6 * max(price, min(breakeven, 4.0 * price))

    def at(self, price: float) -> float:
        """Profit in USD a day at a bitcoin price."""
        now = self.now
        return (
            now.profit_change_per_usd_of_btc_price * price
            - now.power_cost_usd_per_day
            - now.fixed_cost_usd_per_day
        )
