"""A person, a bot, a market: the real program over real HTTP."""

import signal
from datetime import UTC, datetime
from pathlib import Path

from tests.e2e.program import OPERATOR, Program
from tests.fakes.providers import Providers
from tests.fakes.telegram import BLOCKED, FakeTelegram, Sent

ADA, BOB = 101, 102


async def test_a_stranger_subscribes_and_asks(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    async with Program(tmp_path, telegram, providers):
        welcome = await ask(telegram, ADA, "/start")
        assert "capitulation" in welcome.text
        everything = next(button for button in welcome.buttons if button["text"] == "Everything")

        telegram.press(ADA, welcome.message_id, everything["callback_data"])
        await telegram.until(lambda: telegram.calls["editMessageText"] == 1)

        result = await ask(telegram, ADA, "/unsubscribe energy_price")
        assert "Price drawdown" in result.text
        assert "Energy price" not in result.text

        refusal = await ask(telegram, ADA, "/subscribe drawdwn")
        assert "drawdwn" in refusal.text
        assert "/subscribe price_drawdown" in refusal.text

        assert "/status" in (await ask(telegram, ADA, "/help")).text

        await polled(telegram)
        answer = (await ask(telegram, ADA, "/breakeven s19 0.07")).text
        assert "Antminer S19" in answer
        assert "mempool" in answer
        assert "cheap" in (await ask(telegram, ADA, "/breakeven s19 cheap")).text
        await telegram.until(lambda: telegram.calls["setMyCommands"] >= 1)


async def test_status_names_value_threshold_state_source_and_age(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    async with Program(tmp_path, telegram, providers):
        await polled(telegram)
        status = (await ask(telegram, ADA, "/status")).text
        assert "Phase: " in status
        for name in ("Miner outflow", "Hashrate decline", "Price drawdown", "Energy price"):
            assert name in status
        assert "threshold −50.0 %" in status
        assert "Source: mempool" in status
        assert " old" in status
        assert "proxy" in status


async def test_a_crash_reaches_every_subscriber_once_and_a_restart_repeats_nothing(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    async with Program(tmp_path, telegram, providers):
        for person in (ADA, BOB):
            telegram.say(person, "/subscribe price_drawdown")
        await telegram.until_sent(2)
        await polled(telegram)
        crash(providers)
        await telegram.until_sent(4, seconds=30)
        for person in (ADA, BOB):
            (alert,) = telegram.texts(person)[1:]
            assert "Price drawdown" in alert
            assert "Bitcoin touched 60 % below its record today" in alert
            assert "Now −60.4 %; threshold −50.0 %" in alert
            assert "50,000 USD; record 126,200 USD (6 Oct 2025)" in alert
            assert "Since " in alert
            assert "Source: " in alert
    async with Program(tmp_path, telegram, providers):
        await ask(telegram, ADA, "/help")
        await polled(telegram)
    assert len(telegram.sent) == 5


async def test_killed_in_the_middle_of_a_fan_out_nobody_is_missing(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    people = range(1001, 1201)
    async with Program(tmp_path, telegram, providers, MESSAGES_PER_SECOND="200") as program:
        for person in people:
            telegram.say(person, "/subscribe price_drawdown")
        await telegram.until_sent(200, seconds=60)
        await polled(telegram)
        crash(providers)
        await telegram.until_sent(260, seconds=30)
        await program.end(signal.SIGKILL)
    telegram.standing[1007] = BLOCKED
    async with Program(tmp_path, telegram, providers, MESSAGES_PER_SECOND="200"):
        reached = set(people) - {1007}

        def everyone() -> bool:
            alerted = {sent.chat_id for sent in telegram.sent[200:]}
            return alerted >= reached

        await telegram.until(everyone, seconds=60)
    repeats = len(telegram.sent) - 200 - len({sent.chat_id for sent in telegram.sent[200:]})
    assert repeats <= 40, "only what was in flight when the program died may come twice"


async def test_a_refused_token_stops_with_one_clear_line(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    async with Program(tmp_path, telegram, providers, TELEGRAM_BOT_TOKEN="4200:not-the-right-one") as program:
        assert await program.ended() == 2
    last = program.log.strip().splitlines()[-1]
    assert last.startswith("minerwatch: TELEGRAM_BOT_TOKEN is refused by Telegram")
    assert "not-the-right-one" not in program.log
    assert "Traceback" not in program.log


async def test_a_second_instance_on_the_same_database_stops_with_one_clear_line(
    tmp_path: Path, telegram: FakeTelegram, providers: Providers
) -> None:
    async with Program(tmp_path, telegram, providers):
        telegram.say(ADA, "/start")
        await telegram.until_sent(1)
        async with Program(tmp_path, telegram, providers) as second:
            assert await second.ended() == 1, (
                "the first may still be stopping, so that a restart is worth trying"
            )
        assert "another minerwatch is running" in second.log


def crash(providers: Providers, price_usd: float = 50_000.0) -> None:
    """The price falls, and everyone who is asked says so."""
    providers.world.price = lambda _at: price_usd
    providers.world.now = datetime.now(UTC)


async def ask(telegram: FakeTelegram, chat: int, text: str) -> Sent:
    """Say something and give the answer."""

    def answers() -> list[Sent]:
        return [sent for sent in telegram.sent if sent.chat_id == chat and sent.method == "sendMessage"]

    before = len(answers())
    telegram.say(chat, text)
    await telegram.until(lambda: len(answers()) > before)
    return answers()[before]


async def polled(telegram: FakeTelegram) -> None:
    """Wait until the status says that the bot has looked; the asking leaves no trace."""
    while True:
        status = await ask(telegram, OPERATOR, "/status")
        telegram.sent.remove(status)
        if "Last looked: not yet" not in status.text:
            return
