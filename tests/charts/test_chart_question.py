"""From plain words to the chart they ask for, as the chat reads them."""

import pytest

from bot.charts.chart_question import read_chart
from bot.charts.spec import A_YEAR, EVERYTHING, ChartKind, ChartSpan, ChartSpec
from bot.data.catalogue import load_machines
from bot.i18n.message import ENGLISH
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.understanding import understand

CATALOGUE = load_machines()


def chart(text: str, language: str = "en") -> ChartSpec:
    """The chart that is sent when somebody says this."""
    asker = Asker(language)
    asked = understand(text, CATALOGUE, asker)
    assert isinstance(asked, CommandRequest)
    assert asked.name == "chart"
    return read_chart(asked.arguments, CATALOGUE, asker, ["DE-LU"], dark=False)


@pytest.mark.parametrize(
    ("language", "text", "spec"),
    [
        ("en", "show me the hashrate chart", ChartSpec(ChartKind.HASHRATE, A_YEAR)),
        ("en", "graph of fees in 2022", ChartSpec(ChartKind.FEES, ChartSpan(year=2022))),
        ("en", "chart of difficulty over the last 90 days", ChartSpec(ChartKind.DIFFICULTY, ChartSpan(90))),
        ("en", "plot the stress index since the beginning", ChartSpec(ChartKind.STRESS, EVERYTHING)),
        ("en", "miner income chart", ChartSpec(ChartKind.INCOME, A_YEAR)),
        ("en", "chart", ChartSpec(ChartKind.PRICE, A_YEAR)),
        ("en", "s19 7c chart for a year", ChartSpec(ChartKind.PROFIT, A_YEAR, machine="s19 7c")),
        ("en", "power price chart for france", ChartSpec(ChartKind.ENERGY, A_YEAR, "FR")),
        ("en", "power chart", ChartSpec(ChartKind.ENERGY, A_YEAR, "DE-LU")),
        ("de", "stressindex als diagramm", ChartSpec(ChartKind.STRESS, A_YEAR)),
        ("de", "grafik gebühren letztes jahr", ChartSpec(ChartKind.FEES, A_YEAR)),
        ("es", "gráfico de comisiones de 2021", ChartSpec(ChartKind.FEES, ChartSpan(year=2021))),
        ("ru", "покажи график комиссий", ChartSpec(ChartKind.FEES, A_YEAR)),
        ("zh", "压力指数图表", ChartSpec(ChartKind.STRESS, A_YEAR)),
        ("zh", "手续费走势图", ChartSpec(ChartKind.FEES, A_YEAR)),
    ],
)
def test_a_chart_is_asked_for_by_plain_words(language: str, text: str, spec: ChartSpec) -> None:
    assert chart(text, language) == spec


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("chart of the weather", "I have no chart of “weather”."),
        ("chart hashprice and difficulty", "One chart at a time: Hashprice or Difficulty?"),
        ("chart of profit", "Which machine's profit?"),
        ("price chart 3 days", "A chart shows 7 days or more."),
    ],
)
def test_what_cannot_be_drawn_gets_one_sentence_and_an_example_that_works(text: str, sentence: str) -> None:
    with pytest.raises(InvalidQuestion) as refused:
        chart(text)
    assert refused.value.sentence.startswith(sentence)
    example = refused.value.example(ENGLISH)
    read_chart(example.removeprefix("/chart "), CATALOGUE, Asker(), ["DE-LU"], dark=False)
