"""What the command line prints of a poll."""

from dataclasses import replace
from pathlib import Path

from bot.cli.poll_report import poll_lines, poll_report
from bot.pipeline.poller import Poller
from bot.pipeline.startup import SeedData
from bot.signals.rules import default_rules
from storage.database import Store
from tests.fakes.providers import Providers
from tests.sources.conftest import NOW, Build, build, client, fakes

__all__ = ["build", "client", "fakes"]


async def test_a_poll_shows_the_newest_of_each_series_and_which_of_its_values_are_refused(
    tmp_path: Path, fakes: Providers, build: Build
) -> None:
    true = fakes.world.price
    fakes.spoil["mempool"] = lambda world: replace(world, price=lambda at: true(at) * 1.05)
    with Store(tmp_path / "bot.db") as store:
        poller = Poller(store, build("mempool", "kraken"), default_rules(("DE-LU",)), SeedData(list, ()))
        await poller.start(NOW)
        report = poll_report(await poller.poll(NOW))
    lines = list(poll_lines(report))
    close, refused = (line for line in lines if line.startswith("  btc.price "))
    assert close.endswith("USD/BTC, kraken, 2026-11-18T00:00:00+00:00")
    assert refused.startswith("  btc.price              spot refused: mempool says")
    assert "mempool" in report["refused"][0]["source"]
    fakes.spoil.clear()
    with Store(tmp_path / "other.db") as store:
        poller = Poller(store, build("mempool", "kraken"), default_rules(("DE-LU",)), SeedData(list, ()))
        await poller.start(NOW)
        lines = list(poll_lines(poll_report(await poller.poll(NOW))))
    (price,) = [line for line in lines if line.startswith("  btc.price ")]
    assert "mempool, 2026-11-18T14:05:00+00:00" in price, "not the close of the day before"
