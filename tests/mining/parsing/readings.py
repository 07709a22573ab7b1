"""What a text is understood as, in one short line: for tables of phrasings."""

from dataclasses import fields

import pytest

from bot.mining.conversion import ConversionRequest
from bot.mining.economics import Rig
from bot.mining.errors import InvalidQuestion
from bot.mining.goal import GoalRequest
from bot.mining.machines import Catalogue
from bot.mining.mining_time import MiningTimeRequest
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.understanding import Understanding, understand
from bot.mining.parsing.units import Money
from bot.mining.past import PastRequest
from bot.mining.projection import ProjectionRequest
from bot.mining.question import Circuit, MachineComparison, PeakPrice, Question
from bot.mining.required_price import PriceRequest
from bot.mining.scenario import Scenario, ScenarioChange
from bot.mining.whatif import WhatIf

_USUAL = Question(Rig(1.0, 30.0))


def reading(text: str, catalogue: Catalogue, language: str = "en") -> str:
    """The reading of a message, `? …` when it is asked back, `-` when nothing is understood."""
    try:
        asked = understand(text, catalogue, Asker(language))
        return said(asked, catalogue)
    except InvalidQuestion as failure:
        return f"? {failure.sentence}"


def said(asked: Understanding | None, catalogue: Catalogue) -> str:
    """The reading of what was understood."""

    def one(question: Question) -> str:
        return _question(question, catalogue)

    match asked:
        case None:
            return "-"
        case CommandRequest(name, arguments):
            return f"/{name} {arguments}".strip()
        case MiningTimeRequest(question, amount, difficulty):
            growth = f", difficulty {difficulty:+.3f}" if difficulty else ""
            return f"how long for {amount:g} BTC{growth}: {one(question)}"
        case ProjectionRequest(question, _, difficulty, price, until_paid=True):
            return f"months to payback, difficulty {difficulty:+.3f}, price {price:+.3f}: {one(question)}"
        case ProjectionRequest(question, months, difficulty, price, resale):
            growth = f"difficulty {difficulty:+.3f}, price {price:+.3f}, resale {resale:g}"
            return f"{months} months, {growth}: {one(question)}"
        case PastRequest(question, span):
            first = "" if span.first is None else f" {span.first}"
            when = f"{span.unit}{first}" if first else f"{span.unit} {span.ago} ago"
            return f"in {when}: {one(question)}"
        case ConversionRequest(money, of, currency, into, in_hundredths):
            wanted = f"{'cents ' if in_hundredths else ''}{currency or 'same'}/{into}".rstrip("/")
            return f"{_value(money)}/{of}".rstrip("/") + f" in {wanted}"
        case GoalRequest(question, goal):
            wanted = f"{_value(goal.amount)} a {goal.period}" if goal.amount else f"{goal.hashrate_ths} TH"
            return f"how many for {wanted}: {one(question)}"
        case PriceRequest(question, aim):
            within = f"payback in {aim.months:g} months"
            wanted = within if aim.income is None else f"{_value(aim.income)} a {aim.period}"
            return f"{aim.sought} for {wanted}: {one(question)}"
        case MachineComparison(questions, of_all=True, makers=makers):
            return f"which of {' and '.join(makers) or 'all'} pay: {one(questions[0])}"
        case MachineComparison(questions, scenario, by_limit, adds=adds):
            supposed = f"{_supposed(scenario)}: " if scenario.supposes else ""
            first = "first to stop: " if by_limit else ""
            first = f"of {' and '.join(asked.makers)}: " if asked.makers else first
            joined = (" + " if adds else " vs ").join(one(question) for question in questions)
            return f"{supposed}{first}{joined}"
        case WhatIf(question, scenario, reference):
            return f"{_supposed(scenario)}: {'any ' if reference else ''}{one(question)}"
    return one(asked)


def _supposed(scenario: Scenario) -> str:
    changes = [
        f"{key} {_change(change)}"
        for key in ("price", "hashrate", "power", "fees", "difficulty", "halving")
        if (change := getattr(scenario, key))
    ]
    if scenario.of_hashprice:
        changes.append("of hashprice")
    if scenario.halvings != 1:
        changes.append(f"{scenario.halvings} times")
    if scenario.halving_year is not None:
        changes.append(f"in {scenario.halving_year}")
    return f"what if {', '.join(changes)}"


def _change(change: ScenarioChange | bool) -> str:
    if isinstance(change, bool):
        return "yes"
    return f"{change.by:+.3f}" if change.to is None else f"{change.to:.10g}"


def _question(question: Question, catalogue: Catalogue) -> str:
    rig = question.rig
    nameplate = None if rig.name is None else _nameplate_j_per_th(rig, catalogue)
    power = "" if nameplate == pytest.approx(rig.efficiency_j_per_th, rel=0.02) else f" {rig.power_w:g}W"
    parts = [f"{_name(rig)} {rig.hashrate_ths:g}T{power}".strip()]
    for field in fields(Question):
        value = getattr(question, field.name)
        if field.name in ("rig", "cents_assumed", "disputed", "sums_costs") or value == getattr(
            _USUAL, field.name
        ):
            continue
        if field.name == "block_span":
            parts.append(f"block in {value[0]:g} {value[1]}")
        elif field.name == "peaks":
            parts += [f"peak={_value(peak)}" for peak in question.peaks]
        else:
            parts.append(f"{field.name}={_value(value)}")
    return ", ".join(parts)


def _nameplate_j_per_th(rig: Rig, catalogue: Catalogue) -> float:
    bins = catalogue.bins(rig.name or "")
    return min(bins, key=lambda machine: abs(machine.hashrate_ths - rig.hashrate_ths)).efficiency_j_per_th


def _name(rig: Rig) -> str:
    return (rig.name or "").removeprefix("Antminer ").removeprefix("Whatsminer ")


def _value(value: object) -> str:
    match value:
        case Money(amount, currency):
            return f"{amount:.6g} {currency}"
        case Circuit(volts, amperes, three_phase):
            return f"{amperes:g}A {volts:g}V" + (" three-phase" if three_phase else "")
        case PeakPrice(price, start, end, days):
            return f"{_value(price)} {start:g}-{end:g}" + (f" on {days} days" if days != 7 else "")
        case float():
            return f"{value:.6g}"
    return str(value)
