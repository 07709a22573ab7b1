"""What people type, and the watch it makes."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.i18n.message import ENGLISH
from bot.mining.errors import InvalidQuestion
from bot.mining.network import next_halving
from bot.mining.power_market import ENDED_ZONES, ZONES
from bot.signals.history import History
from bot.signals.indicators import Measured
from bot.watches.amounts import EXAMPLES
from bot.watches.formatter import format_watch
from bot.watches.metrics import PLAIN_KEYS, Unit, metric
from bot.watches.parser import parse_watch
from bot.watches.watch import Comparison, Watch

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("price below 60000", "price below 60,000 USD"),
        ("price < $60,000", "price below 60,000 USD"),
        ("PRICE BELOW 60k", "price below 60,000 USD"),
        ("btc price under 60 000 usd", "price below 60,000 USD"),
        ("hashprice < 40", "hashprice below 40 USD/PH/day"),
        ("the halving below 1 week", "halving below 7 days"),
        ("halving below 30d", "halving below 30 days"),
        ("drawdown > 55%", "drawdown above 55 %"),
        ("drawdown < -55%", "drawdown above 55 %"),
        ("drawdown below 30", "drawdown below 30 %"),
        ("hashrate drops 10% in 30d", "hashrate drops 10 % in 30d"),
        ("hashrate falls by 10 percent within 4w", "hashrate drops 10 % in 28d"),
        ("price rises 5% in 1 week every 1d", "price rises 5 % in 7d every 1d"),
        ("price rises 5% in a week every day", "price rises 5 % in 7d every 1d"),
        ("power DE-LU above 150 for 2 días", "power DE-LU above 150 EUR/MWh for 2d"),
        ("power DE-LU above 150 for 2d", "power DE-LU above 150 EUR/MWh for 2d"),
        ("de-lu above 6.5c", "power DE-LU above 65 EUR/MWh"),
        ("power fr below -5 €/MWh", "power FR below -5 EUR/MWh"),
        ("price crosses ma200", "price crosses ma200"),
        ("price above its ma 50 for 3d", "price above ma50 for 3d"),
        ("difficulty record high", "difficulty record high"),
        ("price new all-time high", "price record high"),
        ("price leaves 55000-65000", "price leaves 55,000..65,000 USD"),
        ("price enters 55-65k", "price enters 55,000..65,000 USD"),
        ("price between 55k and 65k", "price enters 55,000..65,000 USD"),
        ("ribbon inverts", "ribbon below 0 %"),
        ("hashrate below 0.9 ZH/s", "hashrate below 900 EH/s"),
        ("difficulty > 130t", "difficulty above 130 T"),
        ("difficulty leaves 130.5t..1400t", "difficulty leaves 130.5 T..1,400 T"),
        ("difficulty > 130.123t", "difficulty above 130,123,000,000,000"),
        ("price crosses 100k once", "price crosses 100,000 USD once"),
        (
            "ribbon below 0% and price below 60k for 2d until 2027-01-01",
            "ribbon below 0 % and price below 60,000 USD for 2d until 2027-01-01",
        ),
    ],
)
def test_a_line_is_read_and_said_back_in_plain_words(line: str, words: str) -> None:
    watch = parse_watch(line, TODAY)
    assert format_watch(watch) == words
    assert parse_watch(words, TODAY) == watch


@pytest.mark.parametrize(
    ("line", "sentence", "nearest"),
    [
        ("", "Tell me what to watch.", "price below 60000"),
        ("prise belw 60k", "I can't read “prise belw 60k”.", "price below 60,000 USD"),
        ("hashprise under 40", "I know no figure “hashprise”", "hashprice below 40 USD/PH/day"),
        ("price below", "I can't read", "price below 60000"),
        ("hashrate drop 10%", "I can't read", "hashrate drops 10 % in 30d"),
        ("price below 1e309", "is no number", "price below 60000"),
        ("price < nan", "is no number", "price below 60000"),
        ("price below 99999999999999999999", "out of any range", "price below 60000"),
        ("price above -5k", "always above 0", "price above 5,000 USD"),
        ("price below 60.000", "A bitcoin for 60 USD?", "price below 60000"),
        ("drawdown 50%", "I can't read", "drawdown above 50 %"),
        ("price drops 5%", "I can't read", "price drops 5 % in 7d"),
        ("price 60000", "I can't read", "price crosses 60,000 USD"),
        ("power > 150", "Power where?", "power DE-LU above 150 EUR/MWh"),
        ("moon", "I can't read", "price below 60000"),
        ("price below 60k EUR", "is not in USD", "price below 60,000 USD"),
        ("drawdown > 155%", "between 0 and 100 %", "drawdown > 55%"),
        ("power XX above 100", "no power zone “xx”", "power DE-LU above 100 EUR/MWh"),
        ("power DE-AT-LU above 100", "no power zone", "power DE-LU above 100 EUR/MWh"),
        ("price below 60k every 1m", "once an hour", "price below 60,000 USD"),
        ("price below 60k once every 1d", "can't go together", "price below 60,000 USD"),
        ("price below 60k until 2020-01-01", "is over", "price below 60,000 USD"),
        ("price below 60k until tomorrow", "is no day", "price below 60,000 USD"),
        ("price leaves 65k-55k", "from the lower figure to the higher", "price leaves 55000-65000"),
        ("price > 50k and price > 60k", "say the same", "price above 50,000 USD"),
        ("price > 90k and price < 60k", "never be true together", "price above 90,000 USD"),
        ("price below 60000" + " " * 200, "too long", "price below 60000"),
        ("price > 10k and gas > 2 and fees > 3", "two conditions", "price above 10,000 USD"),
    ],
)
def test_a_wrong_line_is_told_what_was_wrong_and_gets_a_right_one(
    line: str, sentence: str, nearest: str
) -> None:
    with pytest.raises(InvalidQuestion) as error:
        parse_watch(line, TODAY)
    assert sentence in error.value.says(ENGLISH)
    assert error.value.example(ENGLISH).removeprefix("/watch ") == nearest
    parse_watch(error.value.example(ENGLISH).removeprefix("/watch "), TODAY)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("price below 60k or hashprice < 40", "price below 60,000 USD or hashprice below 40 USD/PH/day"),
        ("price above 100k or price below 50k", "price leaves 50,000..100,000 USD"),
        ("price above 100k or below 50k", "price leaves 50,000..100,000 USD"),
        ("power germany above 200", "power DE-LU above 200 EUR/MWh"),
        ("hashrate crosses ma30", "hashrate crosses ma30"),
        ("hashprice crosses ma30", "hashprice crosses ma30"),
        ("hashprice crosses its 30 day average", "hashprice crosses ma30"),
        ("fees above its 90-day mean", "fees above ma90"),
        ("power DE-LU crosses ma30", "power DE-LU crosses ma30"),
        ("euro drops 5% in 30d", "euro drops 5 % in 30d"),
        ("power FR rises 20% in 7d", "power FR rises 20 % in 7d"),
        ("retarget above 5%", "retarget above 5 %"),
        ("difficulty adjustment below -3%", "retarget below -3 %"),
        ("retarget crosses 0%", "retarget crosses 0 %"),
        ("hashprice below ma30 or retarget below -5%", "hashprice below ma30 or retarget below -5 %"),
        ("difficulty below its ma200", "difficulty below ma200"),
    ],
)
def test_either_of_two_conditions_and_a_series_own_mean(line: str, words: str) -> None:
    watch = parse_watch(line, TODAY)
    assert format_watch(watch) == words
    assert watch.any_of or len(watch.comparisons) == 1
    assert parse_watch(words, TODAY) == watch


@pytest.mark.parametrize("line", EXAMPLES)
def test_every_example_is_right(line: str) -> None:
    parse_watch(line, TODAY)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60) | st.lists(st.sampled_from(" ".join(EXAMPLES).split()), max_size=9).map(" ".join))
def test_anything_is_a_watch_or_one_sentence_with_a_right_line(line: str) -> None:
    try:
        watch = parse_watch(line, TODAY)
    except InvalidQuestion as error:
        parse_watch(error.example(ENGLISH).removeprefix("/watch "), TODAY)
        text = error.says(ENGLISH)
        assert "\n" not in text
    else:
        assert parse_watch(format_watch(watch), TODAY) == watch


keys = st.sampled_from([*PLAIN_KEYS, *(f"power.{zone}" for zone in ZONES if zone not in ENDED_ZONES)])


@settings(max_examples=150, deadline=None)
@given(
    keys,
    st.booleans(),
    st.integers(1, 10**9).map(lambda value: value / 1000),
    st.sampled_from([0, 60, 1440, 2880]),
    st.booleans(),
)
def test_what_is_said_can_be_read(key: str, above: bool, level: float, minutes: int, once: bool) -> None:
    result = metric(key)
    assert result is not None
    if result.unit is Unit.FRACTION:
        level = round(level % 99 + 0.5, 3) / 100
    if key == "drawdown":
        level = -level
    if key == "price":
        level += 100  # what is lower is asked about
    watch = Watch((Comparison(key, above, level),), False, timedelta(minutes=minutes), once)
    read = parse_watch(format_watch(watch), TODAY)
    assert read.comparisons[0].level == pytest.approx(level, rel=1e-9)
    assert (read.hold, read.once, read.comparisons[0].above) == (watch.hold, once, above)


@pytest.mark.parametrize("key", ["", "power.XX", "change.price.0", "change.price.999", "record.gas"])
def test_there_is_no_metric_of_an_unknown_key(key: str) -> None:
    assert metric(key) is None


def test_every_line_of_the_document_is_right() -> None:
    document = (Path(__file__).resolve().parents[2] / "docs/watches.md").read_text(encoding="utf-8")
    table = document.split("\n\n")[2]
    lines = [line for row in table.splitlines()[2:] for line in re.findall(r"`([^`]+)`", row.split("|")[1])]
    assert len(lines) > 15
    for line in lines:
        parse_watch(line, TODAY)


def test_the_days_to_the_halving_are_those_of_the_projection() -> None:
    definition = metric("halving")
    assert definition is not None
    at = datetime(2026, 11, 20, 12, tzinfo=UTC)
    measured = definition.measure(History(), at)
    assert isinstance(measured, Measured)
    assert (measured.value, measured.as_of) == ((next_halving(at.date()) - at.date()).days, at)
