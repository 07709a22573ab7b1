"""One provider alone tells of a crash: nothing is alerted, and the status says why."""

from pathlib import Path

from tests.e2e.program import OPERATOR, Program
from tests.e2e.test_run import ask, crash
from tests.fakes.providers import Providers
from tests.fakes.telegram import FakeTelegram

ADA = 101


async def test_a_jump_that_no_second_provider_confirms_is_held_back(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    others = {f"{name}_URL": "" for name in ("KRAKEN", "COINBASE", "COINGECKO", "BITVIEW")}
    async with Program(tmp_path, telegram, providers, **others):
        await ask(telegram, ADA, "/subscribe")
        while "Last looked: not yet" in (await ask(telegram, OPERATOR, "/status")).text:
            pass
        crash(providers)
        while "btc.price has no trustworthy value" not in (await ask(telegram, OPERATOR, "/status")).text:
            pass
    assert not [text for text in telegram.texts(ADA) if "below its record" in text]
