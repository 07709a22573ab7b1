"""/why, the button under an alert, and /history."""

import re
from datetime import timedelta

import pytest

from bot.signals.alert import Alert, AlertKind
from bot.signals.rules import default_rules
from bot.signals.series import Reading, end_of_day
from storage.signals import alert_scores, alerts
from tests.handlers.program_client import ProgramClient


async def test_the_button_under_an_alert_explains_it(client: ProgramClient) -> None:
    await client.ask("/subscribe")
    before = len(client.api.sent)
    for _ in range(60):
        await client.pass_time(timedelta(days=1))
        await client.delivered()
        if len(client.api.sent) > before:
            break
    await client.api.until_sent(before + 1)
    alert = client.api.sent[before]
    message = await client.press_for_message(alert, "Why?")
    assert "Figure:" in message.text
    assert "Fires " in message.text
    assert "Inputs:" in message.text
    assert "Last 30 days: <code>" in message.text


async def test_a_signal_is_explained_with_formula_inputs_and_past(client: ProgramClient) -> None:
    message = await client.ask("/why hashrate_decline")
    assert "30-day mean ÷ 60-day mean of the daily hashrate − 1" in message.text
    assert "network hashrate of the day" in message.text
    assert "old" in message.text
    assert "This is its" in message.text
    assert "median" in message.text


async def test_income_is_explained_beside_what_a_coin_costs_to_make(client: ProgramClient) -> None:
    message = await client.ask("/why miner_income")
    assert "USD/PH/day (" in message.text
    assert "A bitcoin costs " in message.text
    assert "it trades at " in message.text
    status = await client.ask("/status")
    assert "A bitcoin costs " in status.text.partition("<blockquote expandable>")[2]


async def test_a_touch_during_the_day_is_explained_by_the_past_of_closes(client: ProgramClient) -> None:
    rule = next(rule for rule in default_rules(("DE-LU",)) if "touched 50 %" in rule.title.text)
    touch = Alert(
        rule.id, rule.signal, rule.severity, AlertKind.FIRED, client.now, rule.title, -0.51,
        threshold=rule.fire, clears=rule.clear, quantity=rule.quantity, began=client.now, as_of=client.now,
    )  # fmt: skip
    await client.store.write(lambda db: alerts.add(db, [touch]))
    message = await client.ask("/why")
    assert "Touches can't be tested, my history has closes. The rule over closes: " in message.text
    assert "No past" not in message.text
    assert "such beginnings" in message.text


async def test_of_a_signal_with_many_rules_those_without_a_figure_take_a_line_each(
    client: ProgramClient,
) -> None:
    for signal in ("price_drawdown", "miner_outflow", "energy_price"):
        message = await client.ask(f"/why {signal}")
        seen = re.sub(r"<blockquote expandable>.*?</blockquote>", "[fold]", message.text, flags=re.DOTALL)
        assert len(seen.splitlines()) <= 20
    assert "touched 50 % below its record" in (await client.ask("/why price_drawdown")).text


async def test_the_stress_index_says_what_such_values_were_followed_by(client: ProgramClient) -> None:
    for text in ("/why hashrate_decline", "/status"):
        message = await client.ask(text)
        assert "Stress index " in message.text
        assert " times that the index stood at " in message.text
        assert "on any day " in message.text


async def test_the_phase_is_explained_with_its_past(client: ProgramClient) -> None:
    message = await client.ask("/why capitulation")
    assert "Why: phase capitulation" in message.text
    assert "capitulations since" in message.text


async def test_what_is_not_known_is_answered_with_what_can_be_asked(client: ProgramClient) -> None:
    assert "I know no signal “foo”" in (await client.ask("/why foo")).text
    assert "I know no alert number 99999" in (await client.ask("/why 99999")).text
    assert "There was no alert yet" in (await client.ask("/why")).text
    assert "I know no signal" in (await client.ask("/history <b>")).text


async def test_history_lists_the_capitulations_and_one_signals_episodes(client: ProgramClient) -> None:
    message = await client.ask("/history")
    assert "<b>Capitulations</b>" in message.text
    assert "25 Jun 2022 to now" in message.text
    assert "None yet." in message.text
    record = await client.ask("/history price_drawdown")
    assert "price 70 % below its record" in record.text
    assert "since 16 Jun 2022, still going on" in record.text


async def test_the_program_scores_its_own_alerts_after_thirty_days_and_history_shows_it(
    client: ProgramClient,
) -> None:
    """Nobody asks for it: the poll on which an alert's days are over does it."""
    while not await client.store.read(lambda db: alerts.recent(db, 1)):
        await client.pass_time(timedelta(days=1))
    assert "What came of my alerts" not in (await client.ask("/history")).text
    made = await client.store.read(lambda db: alerts.recent(db, 100))
    due = min(alert.at for _, alert in made) + timedelta(days=30)
    while client.now + timedelta(days=1) < due:
        await client.pass_time(timedelta(days=1))
    early = await client.store.read(alert_scores.summaries)
    assert {summary.rule for summary in early} <= {"miner_outflow.critical.public"}, (
        "known weeks after its month"
    )
    while client.now < due + timedelta(days=1):
        await client.pass_time(timedelta(days=1))
    scored = await client.store.read(alert_scores.summaries)
    assert scored
    assert {summary.days for summary in scored} == {30}
    text = (await client.ask("/history")).text
    assert "What came of my alerts" in text
    assert "30 days later: difficulty at least 5 % lower in " in text
    assert "; after any day " in text


async def test_the_pools_follow_once_the_ledger_has_a_day(client: ProgramClient) -> None:
    await client.ask("/why miner_outflow")
    alone = len(client.api.sent)
    day = client.now.date() - timedelta(days=1)
    end = end_of_day(day)
    counted = Reading("btc.miner_outflow", 950.0, end, "ledger:mempool.space", end, day)
    client.program.poller.history.add(counted)
    await client.ask("/why miner_outflow")
    await client.api.until_sent(alone + 2)
    assert "pool wallets" in client.api.sent[-1].text


@pytest.mark.parametrize(
    ("word", "text"),
    [
        (
            "puell",
            ("Puell multiple", "÷ their mean of 365 days", "A halving halves it", "/watch puell below 0.5"),
        ),
        (
            "difficulty ribbon",
            ("Difficulty ribbon compression", "9 to 200 days", "Higher than on ", "since 20"),
        ),
        ("stress", ("Stress index", "hash ribbon", "not a probability", "Odds that difficulty falls")),
        ("mpi", ("Miner Position Index", "outflow against its year", "z-score", "A proxy for selling")),
    ],
)
async def test_a_figure_that_fires_nothing_is_explained_with_its_chart(
    client: ProgramClient, word: str, text: tuple[str, ...]
) -> None:
    answered = await client.ask(f"/why {word}")
    for words in text:
        assert words in answered.text
    assert [button["text"] for button in answered.buttons] == ["Chart"]
    assert "Inputs:" in answered.text


async def test_the_button_under_a_figure_sends_its_chart(client: ProgramClient) -> None:
    chart = await client.press_for_message(await client.ask("/why puell_multiple"), "Chart")
    assert chart.text.startswith("<b>Puell multiple</b> · 1y")
