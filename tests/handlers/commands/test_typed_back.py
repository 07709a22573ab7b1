"""What is written in a language can be typed in it again and means the same; the examples shown work."""

import re
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.data.catalogue import load_machines
from bot.i18n.message import ENGLISH
from bot.i18n.translator import LANGUAGES, translator_for
from bot.mining import formatting
from bot.mining.errors import InvalidQuestion
from bot.mining.fleet import Fleet
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.fleet_parser import parse_fleet
from bot.mining.parsing.question_parser import parse_command
from bot.mining.parsing.understanding import parse_whatif, understand
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import Question
from bot.watches.amounts import SOMETIMES_LARGE
from bot.watches.formatter import format_watch
from bot.watches.metrics import PLAIN_KEYS, metric
from bot.watches.parser import parse_watch
from bot.watches.watch import Comparison, Watch
from handlers.views import watches
from tests.mining.parsing.test_question_parser import COMMANDS, MESSAGES, understood
from tests.tools import catalogues

TODAY = date(2026, 11, 23)
CATALOGUE = load_machines()
ANY_LANGUAGE = pytest.mark.parametrize("language", LANGUAGES)


@ANY_LANGUAGE
@given(
    ths=st.integers(200, 4_000_000).map(lambda number: number / 100),
    j_per_th=st.integers(9, 2000),
    cents=st.integers(30, 9_999).map(lambda number: number / 100),
    btc=st.integers(1000, 999_999_999),
    by_hand=st.booleans(),
)
@example(ths=1234.5, j_per_th=30, cents=7.0, btc=60_000, by_hand=True)
@example(ths=12_345.0, j_per_th=100, cents=0.37, btc=1_234_567, by_hand=False)
def test_figures(language: str, ths: float, j_per_th: int, cents: float, btc: int, by_hand: bool) -> None:
    t, watts = translator_for(language), max(10, round(ths * j_per_th))
    power, price = formatting.plain(cents, t), formatting.usd(btc, t)
    asked = f"{formatting.plain(ths, t)} TH/s · {formatting.plain(watts, t, 0)} W {power} c/kWh price={price}"
    if by_hand:  # some programs copy the spaces between thousands as ordinary ones
        asked = asked.replace(price, price.replace("\N{NO-BREAK SPACE}", " "))
    read = parse_command(asked, CATALOGUE, language=language)
    assert (read.rig.hashrate_ths, read.rig.power_w) == (ths, watts)
    assert read.power_price is not None
    assert read.power_price.amount == pytest.approx(cents / 100)
    assert read.btc_price == Money(btc)


@ANY_LANGUAGE
def test_all_that_is_understood(language: str) -> None:
    t = translator_for(language)
    asked = (
        f"s21 {t.number(0.07, 2)} $/kWh fee={t.number(2.5, 1)}% uptime={t.number(97.25, 2)}% "
        f"pue={t.number(1.125, 3)} fixed={t.number(1250.5, 1)} cost={t.number(12_400)} "
        f"price={t.number(60_000)} subsidy={t.number(3.125, 3)} fees={t.number(0.125, 3)} "
        f"difficulty={t.number(126.305, 3)}T"
    )
    read = parse_command(asked, CATALOGUE, language=language)
    assert read.power_price == Money(0.07)
    assert (read.pool_fee, read.uptime, read.overhead) == (0.025, 0.9725, 1.125)
    assert (read.fixed_cost, read.machine_price) == (Money(1250.5), Money(12_400))
    assert (read.btc_price, read.block_subsidy_btc, read.fees_btc_per_block) == (Money(60_000), 3.125, 0.125)
    assert read.difficulty == pytest.approx(126.305e12)


@ANY_LANGUAGE
def test_suppositions(language: str) -> None:
    t = translator_for(language)
    asked = f"s21 price={t.number(60_000)} power={t.number(0.0655, 4)} fees={t.number(3.125, 3)} hashrate=-2%"
    read = parse_whatif(asked, CATALOGUE, Asker(language)).scenario
    assert read.price is not None
    assert read.power is not None
    assert read.fees is not None
    assert (read.price.to, read.power.to, read.fees.to) == (60_000, 0.0655, 3.125)
    asked = f"hashrate={t.number(1100)}EH"
    read = parse_whatif(asked, CATALOGUE, Asker(language)).scenario
    assert read.hashrate is not None
    assert read.hashrate.to == 1100


@ANY_LANGUAGE
def test_fleets(language: str) -> None:
    t = translator_for(language)
    machines = f"4 x {t.number(270.5, 1)} TH {t.number(3645)} W, 2 s19"
    asked = f"add {machines} power {t.number(6.5, 1)}c fee {t.number(2.5, 1)}%"
    fleet = parse_fleet(asked, CATALOGUE, (), language=language).applied(Fleet())
    own, known = fleet.kinds
    assert (own.count, own.rig.hashrate_ths, own.rig.power_w, known.count) == (4, 270.5, 3645, 2)
    assert fleet.tariff is not None
    assert fleet.tariff.fixed_per_kwh == pytest.approx(0.065)
    assert fleet.pool_fee == 0.025


@ANY_LANGUAGE
@pytest.mark.parametrize(
    "asked", ["S19 0,07 $", "s19 0.07 $/kWh", "s19 7c", "S19: 7 ct", "s19 0,07", "s19 $0.07?"]
)
def test_a_machine_and_a_power_price(language: str, asked: str) -> None:
    read = understand(asked, CATALOGUE, Asker(language))
    assert isinstance(read, Question)
    currency = Currency.EUR if language == "de" and "$" not in asked else Currency.USD
    assert (read.rig.name, read.power_price) == ("Antminer S19", Money(0.07, currency))


@pytest.mark.parametrize(("text", "meant"), COMMANDS, ids=lambda value: str(value)[:60])
def test_english_commands_mean_the_same_where_commas_are_decimal(text: str, meant: str) -> None:
    assert understood(parse_command(text, CATALOGUE, language="es")) == meant


@pytest.mark.parametrize(("text", "meant"), MESSAGES, ids=lambda value: str(value)[:60])
def test_questions_mean_the_same_where_commas_are_decimal(text: str, meant: str) -> None:
    read = understand(text, CATALOGUE, Asker("es"))
    assert isinstance(read, Question)
    assert understood(read) == meant


@pytest.mark.parametrize(
    ("asked", "dot", "comma"),
    [
        ("s19 7c price=60.000", 60.0, 60_000.0),
        ("s19 7c price=60,000", 60_000.0, 60_000.0),
        ("s19 7c price=60.000,50", 60_000.5, 60_000.5),
        ("s19 7c price=60.5", 60.5, 60.5),
    ],
)
def test_what_a_dot_means_is_the_languages_to_say(asked: str, dot: float, comma: float) -> None:
    assert parse_command(asked, CATALOGUE).btc_price == Money(dot)
    assert parse_command(asked, CATALOGUE, language="es").btc_price == Money(comma)


@pytest.mark.parametrize(
    "asked", ["s19 8.125c", "s19 subsidy=3.125", "s19 pue=1.125", "s19 0.065", "s19 3.250 kW 7c"]
)
def test_where_there_are_no_thousands_a_dot_stays_decimal(asked: str) -> None:
    assert parse_command(asked, CATALOGUE, language="es") == parse_command(asked, CATALOGUE)


@pytest.mark.parametrize(
    ("asked", "btc"),
    [("s19 7c price=60 000 USD", 60_000), ("s19 7c bitcoin 60 000 $", 60_000), ("s19 7c 1 200 000 €", 1.2e6)],
)
def test_spaces_between_thousands_of_money(asked: str, btc: float) -> None:
    read = parse_command(asked, CATALOGUE)
    assert read.btc_price == Money(btc, Currency.EUR if "€" in asked else Currency.USD)


@pytest.mark.parametrize("asked", ["s19 95 000", "s19 price=60 000", "s19 7c price=60 000", "s19 7c 60 000"])
def test_spaces_that_may_mean_anything_are_asked_back(asked: str) -> None:
    with pytest.raises(InvalidQuestion, match=r"can't tell|two different"):
        parse_command(asked, CATALOGUE)


@ANY_LANGUAGE
def test_every_example_in_a_text_works(language: str) -> None:
    t, shown = translator_for(language), 0
    for text in catalogues.texts():
        for form in (text,) if isinstance(text, str) else text:
            for name, rest in re.findall(r"/(breakeven|whatif|fleet) ([!-~ ]+)", t(form)):
                words, shown = rest.split("</")[0].strip(), shown + 1
                if name == "breakeven":
                    parse_command(words, CATALOGUE, language=language)
                elif name == "whatif":
                    parse_whatif(words, CATALOGUE, Asker(language))
                else:
                    parse_fleet(words, CATALOGUE, ("DE-LU",), language=language)
    assert shown >= 4


@given(st.floats(-1e15, 1e15), st.integers(0, 8), st.booleans())
def test_english_is_the_same_with_and_without_a_catalogue(value: float, digits: int, fixed: bool) -> None:
    assert translator_for("en").number(value, digits, fixed=fixed) == ENGLISH.number(
        value, digits, fixed=fixed
    )


def test_english_words_are_the_same_with_and_without_a_catalogue() -> None:
    for t in (translator_for("en"), ENGLISH):
        assert t("{a} and {b}", a=1, b="x") == "1 and x"
        assert [t.plural("{n} day", "{n} days", count) for count in (1, 2000)] == ["1 day", "2,000 days"]
        assert [t.either(parts) for parts in (["a"], ["a", "b"], ["a", "b", "c"])] == [
            "a",
            "a or b",
            "a, b or c",
        ]


@ANY_LANGUAGE
@given(
    key=st.sampled_from(
        [key for key in PLAIN_KEYS if key not in ("drawdown", "ribbon", "sales", "retarget")]
    ),
    level=st.integers(1, 10**12).map(lambda number: number / 1000),
)
@example(key="price", level=60_000.0)
@example(key="price", level=1_234.0)
@example(key="gas", level=3.125)
@example(key="puell", level=2_625.0)
@example(key="fees", level=0.125)
@example(key="hashrate", level=1_000.0)
def test_watches(language: str, key: str, level: float) -> None:
    t = translator_for(language)
    if key in ("price", "difficulty"):  # nobody means thousandths of these, or a coin for less than 100 USD
        level = round(level, 2) + 100
    spec = metric(key)
    if spec is not None and spec.unit not in SOMETIMES_LARGE:  # nor thousands of these
        level = round(level % 999 + 0.001, 3)
    watch = Watch((Comparison(key, above=False, level=level),))
    text = format_watch(watch, t)
    read = parse_watch(text, TODAY, decimal_comma=t.decimal_comma)
    assert read.comparisons[0].level == pytest.approx(level, rel=1e-8)
    result = watches.words(format_watch(watch), t)
    assert result == text


@pytest.mark.parametrize(
    ("asked", "dot", "comma"),
    [
        ("price below 60,000", 60_000.0, 60_000.0),
        ("price below 60.000,50 usd", 60_000.5, 60_000.5),
        ("price below 60,000.50 usd", 60_000.5, 60_000.5),
        ("price below 1.234.567", 1_234_567.0, 1_234_567.0),
        ("price below 60 000", 60_000.0, 60_000.0),
        ("gas above 3.125", 3.125, 3.125),
        ("gas above 3,125", 3_125.0, 3.125),
        ("fees above 0,125", 0.125, 0.125),
        ("hashrate above 1.000", 1.0, 1_000.0),
        ("power de-lu above 65,5", 65.5, 65.5),
    ],
)
def test_what_a_dot_in_a_watch_means_is_the_languages_to_say(asked: str, dot: float, comma: float) -> None:
    assert parse_watch(asked, TODAY).comparisons[0].level == dot
    assert parse_watch(asked, TODAY, decimal_comma=True).comparisons[0].level == comma


def test_a_bitcoin_for_sixty_dollars_is_asked_about() -> None:
    assert parse_watch("price below 60.000", TODAY, decimal_comma=True).comparisons[0].level == 60_000
    with pytest.raises(InvalidQuestion, match="A bitcoin for 60 USD"):
        parse_watch("price below 60.000", TODAY)
