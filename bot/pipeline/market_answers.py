"""The market's answers that are no readings, as they are stored: rates, day-ahead prices, the retarget."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from pydantic import TypeAdapter, ValidationError

from bot.sources.types import CurrencyRates, DayAheadPrices, Retarget, RoundResult

_RETARGET, _RATES, _DAY_AHEAD = "retarget", "rates", "day_ahead."


@dataclass(frozen=True, slots=True)
class MarketAnswers:
    """The newest of each; None and empty before any has come. `day_ahead` is by bidding zone."""

    retarget: Retarget | None = None
    rates: CurrencyRates | None = None
    day_ahead: Mapping[str, DayAheadPrices] = field(default_factory=dict)

    def with_round(self, gathered: RoundResult) -> "MarketAnswers":
        """The same after a round, which asks only what is due: what it did not bring is as it was."""
        return MarketAnswers(
            gathered.retarget or self.retarget,
            gathered.rates or self.rates,
            {**self.day_ahead, **{prices.zone: prices for prices in gathered.day_ahead}},
        )


def dump(gathered: RoundResult) -> dict[str, str]:
    """What a round brought, by name, as JSON."""
    bodies = {}
    if gathered.retarget is not None:
        bodies[_RETARGET] = _retarget().dump_json(gathered.retarget).decode()
    if gathered.rates is not None:
        bodies[_RATES] = _rates().dump_json(gathered.rates).decode()
    for prices in gathered.day_ahead:
        bodies[_DAY_AHEAD + prices.zone] = _prices().dump_json(prices).decode()
    return bodies


def parse(bodies: Mapping[str, str]) -> MarketAnswers:
    """The answers back from `dump`'s JSON; one that can't be read is left to the next round."""
    try:
        return MarketAnswers(
            _retarget().validate_json(bodies[_RETARGET]) if _RETARGET in bodies else None,
            _rates().validate_json(bodies[_RATES]) if _RATES in bodies else None,
            {
                name.removeprefix(_DAY_AHEAD): _prices().validate_json(body)
                for name, body in bodies.items()
                if name.startswith(_DAY_AHEAD)
            },
        )
    except ValidationError:
        return MarketAnswers()


@cache
def _retarget() -> TypeAdapter[Retarget]:
    return TypeAdapter(Retarget)


@cache
def _rates() -> TypeAdapter[CurrencyRates]:
    return TypeAdapter(CurrencyRates)


@cache
def _prices() -> TypeAdapter[DayAheadPrices]:
    return TypeAdapter(DayAheadPrices)
