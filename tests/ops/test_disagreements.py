"""What can't be trusted is told once, and once when it is over."""

from datetime import UTC, datetime, timedelta

from bot.ops.monitors import DisagreementMonitor
from bot.sources.types import RejectedSeries

START = datetime(2026, 1, 1, tzinfo=UTC)
WHY = RejectedSeries("btc.price", "mempool, kraken", "mempool and kraken disagree by 4 %", "spot")
AT = ("btc.price", "spot")


def test_a_lasting_dispute_is_told_once_and_its_end_once() -> None:
    watch, told, over = DisagreementMonitor(), 0, 0
    for minutes in range(0, 600, 5):
        refused = {AT: WHY} if minutes < 300 else {}
        new, gone = watch.look(START + timedelta(minutes=minutes), refused)
        told, over = told + len(new), over + len(gone)
        assert (told == 1) == (minutes >= 60)
        assert (over == 1) == (minutes >= 300)


def test_a_hiccup_is_not_told_however_often_it_comes() -> None:
    watch = DisagreementMonitor()
    for minutes in range(0, 600, 5):
        refused = {AT: WHY} if minutes % 60 < 50 else {}
        assert watch.look(START + timedelta(minutes=minutes), refused) == ([], [])
