"""The market as questions see it, between rounds in which not everything was asked."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.pipeline.poller import Poller
from bot.pipeline.startup import SeedData
from bot.signals.history import History
from bot.signals.rules import default_rules
from bot.signals.series import Reading
from bot.snapshot import market
from bot.sources.types import DayAheadPrices, PriceSlot, Retarget, RoundResult
from storage.database import Store

NOW = datetime(2026, 9, 19, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ESTIMATE = Retarget(-0.03, 500, 0.75, NOW + timedelta(days=3), "mempool", NOW)
TOMORROW = DayAheadPrices("DE-LU", (PriceSlot(NOW + HOUR, NOW + 2 * HOUR, 85.0),), "energy_charts", NOW)


class Once:
    """Asked everything in its first round, and nothing of it in the next."""

    def __init__(self) -> None:
        self._rounds = [RoundResult((), (), (), ESTIMATE, (TOMORROW,))]

    async def gather(self, _now: datetime, _held: Mapping[str, Reading]) -> RoundResult:
        return self._rounds.pop() if self._rounds else RoundResult((), (), (), None, ())

    async def backfill(self, _series: str, _first: date, _last: date, _now: datetime) -> list[Reading]:
        return []


async def test_what_a_round_did_not_ask_is_still_known(tmp_path: Path) -> None:
    with Store(tmp_path / "bot.db") as store:
        poller = Poller(store, Once(), default_rules(["DE-LU"]), SeedData(list, ()))
        await poller.start(NOW)
        for minutes in (0, 5, 10):
            now = NOW + timedelta(minutes=minutes)
            await poller.poll(now)
            result = market(
                poller.history, now, 0.07, poller.answers.retarget, tuple(poller.answers.day_ahead.values())
            )
            assert result.expected_retarget == -0.03
            assert [slot.eur_per_mwh for slot in result.day_ahead["DE-LU"]] == [85.0]


def test_an_old_estimate_and_past_prices_are_none() -> None:
    for late in (timedelta(minutes=61), timedelta(days=4)):
        result = market(History(), NOW + late, 0.07, ESTIMATE, (TOMORROW,))
        assert result.expected_retarget is None
        assert result.retarget_at is None
    assert market(History(), NOW + timedelta(days=1), 0.07, None, (TOMORROW,)).day_ahead["DE-LU"] == ()
