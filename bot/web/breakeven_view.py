"""The break-even answer in the reader's language: now, after the retarget, after the halving."""

from dataclasses import dataclass, replace
from typing import Final

from bot.i18n.translator import LocaleTranslator
from bot.mining import answer_lines, assumptions, formatting
from bot.mining.answer import Answer, answer
from bot.mining.economics import Economics
from bot.mining.machines import Catalogue
from bot.mining.market import Market
from bot.mining.network import next_halving
from bot.mining.projection import MonthAhead, payback_month, projection
from bot.mining.question import Question
from bot.mining.scenario import Scenario
from bot.mining.whatif import WhatIf, WhatIfResult, what_if
from bot.web.breakeven_form import BreakevenForm, path_of, question_of, scenario_of

MONTHS: Final = 24
"""How far the table of months goes."""


@dataclass(frozen=True, slots=True)
class AnswerColumn:
    """A state of the network: its name, when it comes, and whether the machine pays in it."""

    name: str
    note: str
    pays: bool


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month on the path: its last day, what it rests on, and what it earns. `note` names a halving."""

    day: str
    note: str
    difficulty: str
    price: str
    profit: str
    total: str


@dataclass(frozen=True, slots=True)
class AnswerText:
    """The answer. `rows` are a label and a cell for each column, `payback` is said of a machine's price."""

    machine: str
    understood: str
    headline: str
    pays: bool
    columns: tuple[AnswerColumn, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    leverage: str
    months: tuple[MonthRow, ...]
    payback: str
    ages: str
    warning: str | None


def answer_text(form: BreakevenForm, catalogue: Catalogue, market: Market, t: LocaleTranslator) -> AnswerText:
    """Ask the core. Raises InvalidQuestion naming what is missing or impossible."""
    question = question_of(form, catalogue)
    scenario = scenario_of(form)
    result = answer(question, market)
    supposed = what_if(WhatIf(question, scenario, reference=False), market)
    halved = what_if(WhatIf(question, scenario_of(form, halving=True), reference=False), market)
    path = projection(_supposed_question(question, scenario, supposed), market, MONTHS, *path_of(form))
    columns, results = _columns(result, supposed, halved, scenario, market, t)
    return AnswerText(
        machine=formatting.machine(result.now, t),
        understood=assumptions.understood(result, t),
        headline=answer_lines.headline(result, t),
        pays=result.now.pays,
        columns=columns,
        rows=_rows(results, t),
        leverage=answer_lines.leverage(result, t),
        months=tuple(_month(month, t) for month in path),
        payback=_payback(question, path, t),
        ages=assumptions.ages(result.inputs, result.at, t),
        warning=assumptions.warning(result.inputs, result.at, t),
    )


def _supposed_question(question: Question, scenario: Scenario, supposed: WhatIfResult) -> Question:
    """The question at the difficulty that is supposed, from which the path goes on."""
    if scenario.difficulty is None and scenario.hashrate is None:
        return question
    return replace(question, difficulty=(supposed.after_retarget or supposed.then).difficulty)


def _month(month: MonthAhead, t: LocaleTranslator) -> MonthRow:
    each = month.economics
    return MonthRow(
        day=t.day(month.day, "yMMM"),
        note=t("halving") if month.halved else "",
        difficulty="–" if each.difficulty is None else formatting.difficulty(each.difficulty, t),
        price=formatting.usd(each.btc_price_usd, t),
        profit=formatting.usd(each.profit_usd_per_day, t),
        total=formatting.usd(month.total_profit_usd, t),
    )


def _payback(question: Question, path: tuple[MonthAhead, ...], t: LocaleTranslator) -> str:
    """When the machine has earned its price on the path; empty when no price was given."""
    if question.machine_price is None:
        return ""
    payback = payback_month(path, question.machine_price.amount)  # the page's field is in US dollars
    if payback is None:
        return t("It doesn't earn its price within {months} months.", months=t.number(len(path)))
    return t("It has earned its price by {day}.", day=t.calendar_day(payback.day))


def _columns(
    result: Answer,
    supposed: WhatIfResult,
    halved: WhatIfResult,
    scenario: Scenario,
    market: Market,
    t: LocaleTranslator,
) -> tuple[tuple[AnswerColumn, ...], list[Economics]]:
    columns, results = [AnswerColumn(t("now"), "", result.now.pays)], [result.now]
    if scenario.difficulty is not None:
        change = formatting.change(scenario.difficulty.by, t)
        note = t("difficulty {value}", value=change)
        columns.append(AnswerColumn(t("as supposed"), note, supposed.then.pays))
        results.append(supposed.then)
    if supposed.after_retarget is not None and supposed.retarget_change is not None:
        note = formatting.change(supposed.retarget_change, t)
        if market.retarget_at is not None:
            note = f"{note} · {t.day(market.retarget_at.date(), 'MMMd')}"
        columns.append(AnswerColumn(t("after the retarget"), note, supposed.after_retarget.pays))
        results.append(supposed.after_retarget)
    halving = t.day(next_halving(market.at.date()), "yMMM")
    columns.append(AnswerColumn(t("after the halving"), halving, halved.then.pays))
    results.append(halved.then)
    return tuple(columns), results


def _rows(results: list[Economics], t: LocaleTranslator) -> tuple[tuple[str, tuple[str, ...]], ...]:
    def margin(each: Economics) -> str:
        return t("none") if each.margin is None else formatting.percent(each.margin, t)

    def cost(each: Economics) -> str:
        return "–" if each.cost_per_btc_usd is None else formatting.usd(each.cost_per_btc_usd, t)

    def payback(each: Economics) -> str:
        return "–" if each.payback_days is None else formatting.days(-int(-each.payback_days // 1), t)

    table = [
        (t("Profit a day"), [formatting.usd(each.profit_usd_per_day, t) for each in results]),
        (t("Revenue a day"), [formatting.usd(each.revenue_usd_per_day, t) for each in results]),
        (t("Power a day"), [formatting.usd(each.power_cost_usd_per_day, t) for each in results]),
        (t("Margin"), [margin(each) for each in results]),
        (t("Break-even bitcoin price"), [answer_lines.breakeven_btc_price(each, t) for each in results]),
        (t("Break-even power price"), [answer_lines.breakeven_power_price(each, t) for each in results]),
        (t("Power cost of a bitcoin"), [cost(each) for each in results]),
        (
            t("Hashprice"),
            [f"{formatting.usd(each.hashprice_usd_per_ph_day, t)}/PH" for each in results],
        ),
    ]
    if any(each.payback_days is not None for each in results):
        table.append((t("Payback"), [payback(each) for each in results]))
    return tuple((label, tuple(cells)) for label, cells in table)
