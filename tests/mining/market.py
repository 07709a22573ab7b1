"""Two states of the market that tests ask their questions in."""

from datetime import UTC, datetime, timedelta

from bot.mining.market import Fact, Market, PowerSlot

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


def fact(
    value: float, source: str = "mempool", age: timedelta = timedelta(minutes=4), at: datetime = AT
) -> Fact:
    return Fact(value, at - age, source)


NOVEMBER_2026 = Market(
    at=AT,
    btc_price_usd=fact(81_445.0),
    difficulty=fact(132.757e12, age=timedelta(minutes=20)),
    fees_btc_per_block=fact(0.0188, age=timedelta(hours=3)),
    eur_usd=fact(1.15, "frankfurter", timedelta(hours=20)),
    retarget_change=fact(-0.034),
    retarget_at=AT + timedelta(days=4),
    retarget_progress=0.7,
)

JULY_2022_AT = datetime(2022, 7, 6, tzinfo=UTC)
JULY_2022 = Market(
    at=JULY_2022_AT,
    btc_price_usd=fact(20_175.83, "binance", timedelta(0), JULY_2022_AT),
    difficulty=fact(2.957016864e13, "chain", timedelta(0), JULY_2022_AT),
    fees_btc_per_block=fact(0.103689, "chain", timedelta(0), JULY_2022_AT),  # the mean of seven days
)
"""The end of 5 July 2022, from the bundled history."""


def slots(start: datetime, prices_eur_per_mwh: list[float]) -> tuple[PowerSlot, ...]:
    """Hourly slots from `start` on."""
    hour = timedelta(hours=1)
    return tuple(
        PowerSlot(start + n * hour, start + (n + 1) * hour, price)
        for n, price in enumerate(prices_eur_per_mwh)
    )
