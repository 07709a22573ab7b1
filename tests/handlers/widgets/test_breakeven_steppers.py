"""The break-even widget says what /breakeven says, whatever is stepped to."""

import random
import zlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import quickjs
from hypothesis import given
from hypothesis import strategies as st

from bot.i18n.translator import LANGUAGES, LocaleTranslator, translator_for
from bot.mining import answer_lines, formatting
from bot.mining.answer import Answer, answer, network_of
from bot.mining.economics import Rig
from bot.mining.market import Fact, Market
from bot.mining.network import Network
from bot.mining.parsing.units import Currency, Money
from bot.mining.question import Focus, Question
from handlers.widgets.breakeven_steppers import breakeven_steppers, steppers_of
from handlers.widgets.widget_document import MAX_BYTES, MAX_COMPRESSED_BYTES
from tests.handlers.widgets.widget_player import WidgetPlayer

AT = datetime(2026, 11, 28, 12, tzinfo=UTC)
S19 = Rig(95.0, 3250.0, "Antminer S19")
CASES = 1_000


def market(btc_price_usd: float = 61_234.0, difficulty: float = 126.3e12) -> Market:
    return Market(
        AT,
        Fact(btc_price_usd, AT, "kraken"),
        Fact(difficulty, AT, "mempool"),
        Fact(0.0613, AT, "mempool"),
        eur_usd=Fact(1.0837, AT, "ecb"),
        rates={"GBP": Fact(1.2713, AT, "ecb"), "KRW": Fact(0.000713, AT, "ecb")},
    )


def breakeven(question: Question, here: Market) -> tuple[Answer, Network]:
    return answer(question, here, supposed=True), network_of(question, here, [])


def player(question: Question, here: Market, t: LocaleTranslator) -> WidgetPlayer:
    return WidgetPlayer(breakeven_steppers(*breakeven(question, here), t))


def lines(said: Answer, t: LocaleTranslator) -> dict[str, str]:
    """What /breakeven says of one machine and day, by the names that the widget's elements have."""
    question = replace(said.question, focus=Focus.PROFIT, count=1, period="day")
    rows = dict(answer_lines.rows(said, t))
    now = said.now
    return {
        "verdict": answer_lines.headline(replace(said, question=question), t),
        "profit": rows[t("Profit")],
        "price": rows[t("Break-even")],
        "power": rows[t("Max power")],
        "v0": formatting.cents(now.power_price_usd_per_kwh, t, said.display),
        "v1": rows[t("BTC price")],
        "v2": formatting.difficulty(now.difficulty or 0.0, t)
        if said.question.network_hashrate_ehs is None
        else f"{formatting.plain(now.network_hashrate_ehs, t)} EH/s",
    }


def random_question(dice: random.Random) -> tuple[Question, Market]:
    by_share = dice.random() < 0.2
    return Question(
        Rig(
            round(dice.uniform(1, 500), dice.choice((0, 1, 3))),
            float(dice.randint(50, 8_000)),
            dice.choice((None, "Antminer S19", "<b>&\"'</script><script>alert(1)</script>")),
        ),
        power_price=Money(round(dice.uniform(0.02, 0.4), dice.choice((2, 3, 6)))),
        btc_price=Money(round(dice.uniform(900, 250_000), dice.choice((0, 2)))),
        pool_fee=dice.choice((0.0, 0.0, 0.02, 1.0, round(dice.random(), 3))),
        uptime=dice.choice((1.0, 1.0, 0.95, round(dice.random(), 3))),
        overhead=dice.choice((1.0, 1.05, round(dice.uniform(1, 2), 2))),
        fixed_cost=dice.choice((None, Money(0.0), Money(round(dice.uniform(0, 30), 2)))),
        difficulty=None
        if by_share
        else dice.choice((126.3e12, 1.0, dice.uniform(1, 1e12), dice.uniform(1e12, 1e15))),
        network_hashrate_ehs=round(dice.uniform(0.01, 2_000), 2) if by_share else None,
        network_btc_per_day=dice.choice((None, None, 450.0, 0.0)),
        count=dice.choice((1, 12)),
        period=dice.choice(("day", "month")),
        focus=dice.choice(list(Focus)),
        currency=dice.choice((None, Currency.EUR, Currency.GBP, Currency.KRW, Currency.BTC)),
    ), market()


def test_a_thousand_random_cases_read_as_the_command_says_them() -> None:
    dice = random.Random(18)
    compared = 0
    while compared < CASES:
        question, here = random_question(dice)
        t = translator_for(dice.choice(list(LANGUAGES)))
        said, network = breakeven(question, here)
        steppers = steppers_of(said, network)
        widget = WidgetPlayer(breakeven_steppers(said, network, t))
        assert {name: widget.first[name] for name in lines(said, t)} == lines(said, t)
        counts = [0, 0, 0]
        for _ in range(4):
            for _ in range(dice.randint(1, 5)):
                index, by = dice.randrange(3), dice.choice((-1, 1))
                value = steppers[index].value(counts[index] + by)
                if steppers[index].low <= value <= steppers[index].high:
                    counts[index] += by
                widget.press(f"{'more' if by > 0 else 'less'}{index}")
            power, price, size = (
                stepper.value(count) for stepper, count in zip(steppers, counts, strict=True)
            )
            asked = replace(question, power_price=Money(power), btc_price=Money(price))
            if network.by_share:
                asked = replace(asked, network_hashrate_ehs=size)
            else:
                asked = replace(asked, difficulty=size)
            expected = lines(breakeven(asked, here)[0], t)
            assert {name: widget.text(name) for name in expected} == expected, (question, counts, t.code)
            compared += 1


def test_there_and_back_is_the_answer_itself() -> None:
    """A price that is no round number comes back as it was."""
    widget = player(Question(S19, power_price=Money(0.0654321)), market(61_234.56), translator_for("en"))
    for name in ("more0", "more1", "less2", "less0", "less1", "more2"):
        widget.press(name)
    assert widget.texts() == widget.first


def test_steps_are_round_numbers() -> None:
    widget = player(Question(S19, power_price=Money(0.0654)), market(), translator_for("en"))
    shown = []
    for name in ("more0", "more1", "more2"):
        widget.press(name)
    shown = [widget.text(f"v{index}") for index in range(3)]
    assert shown == ["7.0 c/kWh", "62,000 USD", "128.00 T"]


def test_no_step_leads_below_free_power() -> None:
    widget = player(Question(S19, power_price=Money(0.01)), market(), translator_for("en"))
    for _ in range(20):
        widget.press("less0")
    assert widget.text("v0") == "0.0 c/kWh"
    assert widget.text("price") == "pays at any price"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_document_is_within_the_limits_and_asks_nothing_of_the_network(language: str) -> None:
    hostile = Rig(95.0, 3250.0, "<img src=x onerror=alert(1)>" * 20)
    html = breakeven_steppers(*breakeven(Question(hostile), market()), translator_for(language))
    assert len(html.encode()) <= MAX_BYTES
    assert len(zlib.compress(html.encode(), 9)) <= MAX_COMPRESSED_BYTES
    assert WidgetPlayer(html).tags <= {
        "html",
        "head",
        "meta",
        "style",
        "body",
        "div",
        "b",
        "button",
        "script",
    }
    for word in ("http", "fetch", "XMLHttpRequest", "import", "src=x", "url("):
        assert word not in html.replace("src=x onerror=alert(1)&gt;", "")


_ENGINE = quickjs.Context()
_ENGINE.eval(
    """
    var shown = {};
    var document = {getElementById: function (id) {
        return {set textContent(text) { shown[id] = text; }, addEventListener: function () {}};
    }};
    """
)


@given(
    st.one_of(
        st.floats(-1e15, 1e15, exclude_max=True, exclude_min=True),
        st.integers(-8_000_000, 8_000_000).map(lambda eighths: eighths / 8),
        st.integers(-4_000_000, 4_000_000).map(lambda cents: cents / 100),
    ),
    st.integers(0, 8),
    st.sampled_from(list(LANGUAGES)),
)
def test_numbers_are_rounded_and_written_as_in_python(value: float, digits: int, language: str) -> None:
    t = translator_for(language)
    html = breakeven_steppers(*breakeven(Question(S19), market()), t)
    script = html.partition("<script>")[2].partition("</script>")[0]
    _ENGINE.eval(
        script.replace("for (var index = 0", f"shown.it = number({value!r}, {digits});\nfor (var index = 0")
    )
    assert _ENGINE.eval("shown.it") == formatting.number(value, digits, t)
