"""A chart asked for in words: any order, five languages, nothing dropped."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.charts.spec import A_YEAR, EVERYTHING, ChartKind, ChartSpan
from bot.charts.words import ChartWords, read_words
from bot.mining.power_market import ZONES


@pytest.mark.parametrize(
    ("text", "kind", "span"),
    [
        ("show me the hashrate chart", ChartKind.HASHRATE, None),
        ("bitcoin difficulty chart of the last 90 days", ChartKind.DIFFICULTY, ChartSpan(90)),
        ("chart of fees in 2022", ChartKind.FEES, ChartSpan(year=2022)),
        ("hashprice since the beginning, all", ChartKind.HASHPRICE, EVERYTHING),
        ("how far is btc from its ath", ChartKind.DRAWDOWN, None),
        ("difficulty ribbon", ChartKind.COMPRESSION, None),
        ("hash ribbon", ChartKind.HASHRATE, None),
        ("miner income last year", ChartKind.INCOME, A_YEAR),
        ("who is selling? chart please", ChartKind.OUTFLOW, None),
        ("price_drawdown", ChartKind.DRAWDOWN, None),
        ("btc.hashprice 4y", ChartKind.HASHPRICE, ChartSpan(1461)),
        ("Diagramm Schwierigkeit der letzten 30 Tage", ChartKind.DIFFICULTY, ChartSpan(30)),
        ("Zeig mir den Strompreis im letzten Jahr", ChartKind.ENERGY, A_YEAR),
        ("Stressindex seit Anfang", ChartKind.STRESS, EVERYTHING),
        ("gráfico de comisiones 1 año", ChartKind.FEES, A_YEAR),
        ("muéstrame la caída de bitcoin", ChartKind.DRAWDOWN, None),
        ("график сложности за год", ChartKind.DIFFICULTY, A_YEAR),
        ("покажи хешрейт за 90 дней", ChartKind.HASHRATE, ChartSpan(90)),
        ("比特币价格图", ChartKind.PRICE, None),
        ("难度图 2022年", ChartKind.DIFFICULTY, ChartSpan(year=2022)),
        ("过去90天的算力图", ChartKind.HASHRATE, ChartSpan(90)),
        ("压力指数 全部", ChartKind.STRESS, EVERYTHING),
    ],
)
def test_plain_words_in_five_languages(text: str, kind: ChartKind, span: ChartSpan | None) -> None:
    words = read_words(text, ZONES)
    assert words.kinds == (kind,)
    assert words.spans == (() if span is None else (span,))
    assert "beginning" in words.rest or words.rest == ""


@pytest.mark.parametrize("order", list(permutations(["energy", "FR", "2022", "dark"])))
def test_any_order(order: tuple[str, ...]) -> None:
    words = read_words(" ".join(order), ZONES)
    assert words == ChartWords((ChartKind.ENERGY,), (ChartSpan(year=2022),), ("FR",), True)


@pytest.mark.parametrize(
    ("text", "rest", "spans"),
    [
        ("s19 7c 1y", "s19 7c", (A_YEAR,)),
        ("S21 Pro at 6 ct/kWh 2023", "S21 Pro at 6 ct/kWh", (ChartSpan(year=2023),)),
        ("110TH 3250W 7c", "110TH 3250W 7c", ()),
        ("2022W 100TH 7c", "2022W 100TH 7c", ()),
        ("weather 90d", "weather", (ChartSpan(90),)),
    ],
)
def test_what_is_said_of_something_else_is_kept_as_typed(
    text: str, rest: str, spans: tuple[ChartSpan, ...]
) -> None:
    words = read_words(text, ZONES)
    assert (words.rest, words.spans, words.kinds) == (rest, spans, ())


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
    words = read_words(text, ZONES)
    assert (words.kinds, words.zones, words.rest) == ((ChartKind.ENERGY,), (zone,), "")


def test_a_zone_that_is_a_word_counts_in_capitals_or_alone() -> None:
    assert read_words("power price at AT", ZONES).zones == ("AT",)
    assert read_words("at", ZONES).zones == ("AT",)
    assert read_words("price at the record", ZONES).zones == ()


def test_two_charts_asked_for_are_two() -> None:
    assert read_words("price and hashrate", ZONES).kinds == (ChartKind.PRICE, ChartKind.HASHRATE)
    assert read_words("power price", ZONES).kinds == (ChartKind.ENERGY,)


@given(st.text(max_size=60))
def test_any_text_is_read(text: str) -> None:
    read_words(text, ZONES)


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
    words = read_words(" ".join([*parts, "dark" if dark else "light"]), ZONES)
    assert words.kinds == (kind,)
    assert [each.word for each in words.spans] == [span]
    assert (words.dark, words.rest) == (dark, "")
