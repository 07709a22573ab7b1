"""A chart asked for in words: any order, five languages, nothing dropped."""

from contextlib import suppress
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.chart_question import read_words
from bot.charts.spec import NAMES, ChartKind
from bot.data.catalogue import load_machines
from bot.i18n.translator import LANGUAGES, translator_for
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.chart_words import ChartWords

CATALOGUE = load_machines()


def words_of(text: str, language: str = "en") -> ChartWords:
    """What a text says of a chart, in a chat of this language."""
    return read_words(text, CATALOGUE, Asker(language))


@pytest.mark.parametrize(
    ("text", "chart", "span"),
    [
        ("show me the hashrate chart", "hashrate", ""),
        ("bitcoin difficulty chart of the last 90 days", "difficulty", "90d"),
        ("chart of fees in 2022", "fees", "2022"),
        ("hashprice since the beginning, all", "hashprice", "all"),
        ("how far is btc from its ath", "drawdown", ""),
        ("difficulty ribbon", "compression", ""),
        ("hash ribbon", "hashrate", ""),
        ("miner income last year", "income", "1y"),
        ("who is selling? chart please", "outflow", ""),
        ("price_drawdown", "drawdown", ""),
        ("btc.hashprice 4y", "hashprice", "4y"),
        ("hashprice since the halving", "hashprice", "halving+"),
        ("Diagramm Schwierigkeit der letzten 30 Tage", "difficulty", "30d"),
        ("Zeig mir den Strompreis im letzten Jahr", "energy", "1y"),
        ("Stressindex seit Anfang", "stress", "all"),
        ("gráfico de comisiones 1 año", "fees", "1y"),
        ("muéstrame la caída de bitcoin", "drawdown", ""),
        ("график сложности за год", "difficulty", "1y"),
        ("покажи хешрейт за 90 дней", "hashrate", "90d"),
        ("比特币价格图", "price", ""),
        ("难度图 2022年", "difficulty", "2022"),
        ("过去90天的算力图", "hashrate", "90d"),
        ("压力指数 全部", "stress", "all"),
    ],
)
def test_plain_words_in_five_languages(text: str, chart: str, span: str) -> None:
    words = words_of(text)
    assert words.charts == (chart,)
    assert words.spans == ((span,) if span else ())
    assert words.rest == ""


@pytest.mark.parametrize("order", list(permutations(["energy", "FR", "2022", "dark"])))
def test_any_order(order: tuple[str, ...]) -> None:
    assert words_of(" ".join(order)) == ChartWords(("energy",), ("2022",), ("FR",), True)


@pytest.mark.parametrize(
    ("text", "rest", "spans"),
    [
        ("s19 7c 1y", "s19 7c", ("1y",)),
        ("S21 Pro at 6 ct/kWh 2023", "s21 pro 6 ct/kwh", ("2023",)),
        ("110TH 3250W 7c", "110th 3250w 7c", ()),
        ("2022W 100TH 7c", "2022w 100th 7c", ()),
        ("weather 90d", "weather", ("90d",)),
    ],
)
def test_what_is_said_of_something_else_is_kept(text: str, rest: str, spans: tuple[str, ...]) -> None:
    words = words_of(text)
    assert (words.rest, words.spans, words.charts) == (rest, spans, ())


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("power price chart for france 2022", "FR"),
        ("Strompreis in Österreich", "AT"),
        ("precio de la luz en Alemania", "DE-LU"),
        ("график цены энергии в Польше", "PL"),
        ("荷兰电价图", "NL"),
    ],
)
def test_a_country_names_its_zone(text: str, zone: str) -> None:
    words = words_of(text)
    assert (words.charts, words.zones, words.rest) == (("energy",), (zone,), "")


def test_a_zone_that_is_a_word_counts_in_capitals_or_alone() -> None:
    assert words_of("power price at AT").zones == ("AT",)
    assert words_of("at").zones == ("AT",)
    assert words_of("price at the record").zones == ()


def test_two_charts_asked_for_are_two() -> None:
    assert words_of("price and hashrate").charts == ("price", "hashrate")
    assert words_of("power price").charts == ("energy",)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(InvalidQuestion):
        words_of(text)


@given(
    st.sampled_from(list(ChartKind)),
    st.sampled_from(["7d", "30d", "4y", "2022", "all"]),
    st.booleans(),
    st.booleans(),
)
def test_what_buttons_and_docs_call_a_chart_is_understood(
    kind: ChartKind, span: str, dark: bool, span_first: bool
) -> None:
    parts = [kind.value, span] if not span_first else [span, kind.value]
    words = words_of(" ".join([*parts, "dark" if dark else "light"]))
    assert words.charts == (kind.value,)
    assert words.spans == (span,)
    assert (words.dark, words.rest) == (dark, "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_buttons_call_a_chart_is_understood_in_their_language(language: str) -> None:
    t = translator_for(language)
    for kind, name in NAMES.items():
        assert words_of(t(name), language).charts == (kind.value,), t(name)
