"""The break-even page's fields: what a link says, checked, and as a question to the core."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from bot.i18n.message import N_
from bot.mining.machines import Catalogue
from bot.mining.market import Market
from bot.mining.parsing.field_parser import FieldNames, parse_fields
from bot.mining.parsing.understanding import parse_scenario_fields
from bot.mining.parsing.units import read_number
from bot.mining.question import Question
from bot.mining.scenario import Scenario

USUAL_MACHINE: Final = "Antminer S19"


@dataclass(frozen=True, slots=True)
class FormField:
    """A number on the page: its unit, its usual text, and the span and step of its slider.

    `field` is the question's field it fills (a key of FIELDS); None for a supposition about the network.
    """

    name: str
    label: str
    unit: str
    usual: str
    low: float
    high: float
    step: float
    field: str | None = None


FIELDS: Final = (
    FormField("power", N_("Power price"), "USD/kWh", "", 0.0, 0.2, 0.001, "power_price"),
    FormField("price", N_("Bitcoin price"), "USD", "", 5_000, 300_000, 500, "btc_price"),
    FormField("difficulty", N_("Difficulty changes by"), "%", "0", -50, 100, 1),
    FormField("hashrate", N_("Hashrate changes by"), "%", "0", -50, 50, 1),
    FormField("fee", N_("Pool fee"), "%", "0", 0, 10, 0.1, "pool_fee"),
    FormField("uptime", N_("Uptime"), "%", "100", 0, 100, 1, "uptime"),
    FormField("hosting", N_("Hosting and labour"), N_("USD/day"), "0", 0, 20, 0.1, "fixed_cost"),
    FormField("cost", N_("Machine bought for"), "USD", "", 0, 10_000, 50, "machine_price"),
    FormField("growth", N_("Difficulty grows a month"), "%", "0", -10, 20, 0.5),
    FormField("trend", N_("Bitcoin price changes a month"), "%", "0", -20, 20, 0.5),
)
"""Every number of the page, in its order; a link names those that aren't the usual ones."""

_PERCENT: Final = ("fee", "uptime")
_NAMES: Final = FieldNames("", lambda _: "", "s19, 0.07 USD/kWh")
_LONGEST: Final = 60


@dataclass(frozen=True, slots=True)
class BreakevenForm:
    """What was filled in: a machine and the text of each field."""

    machine: str
    values: Mapping[str, str]

    def query(self) -> str:
        """The part of a link that brings this form back."""
        changed = {
            form.name: self.values[form.name] for form in FIELDS if self.values[form.name] != form.usual
        }
        return urlencode({"machine": self.machine, **changed})

    def api_query(self) -> str:
        """The same question for the API, where it can be asked there."""
        filled = {
            form.field: f"{value}%" if form.name in _PERCENT else value
            for form in FIELDS
            if form.field is not None and (value := self.values[form.name]) != form.usual and value
        }
        return urlencode({"machine": self.machine, **filled})


def read_form(query: Mapping[str, str], market: Market) -> BreakevenForm:
    """The form of a link; what it doesn't name is as usual, power and bitcoin price as they are now."""
    values = {form.name: query.get(form.name, form.usual).strip()[:_LONGEST] or form.usual for form in FIELDS}
    if not values["power"]:
        values["power"] = f"{market.power_price_usd_per_kwh:g}"
    return BreakevenForm(query.get("machine", "").strip()[:_LONGEST] or USUAL_MACHINE, values)


def question_of(form: BreakevenForm, catalogue: Catalogue) -> Question:
    """The question. Raises InvalidQuestion that names the field."""
    filled = {
        form_field.field: f"{value}%" if form_field.name in _PERCENT and not value.endswith("%") else value
        for form_field in FIELDS
        if form_field.field is not None
        and (value := form.values[form_field.name]) not in ("", form_field.usual)
    }
    return parse_fields(form.machine, filled, catalogue, _NAMES)


def path_of(form: BreakevenForm) -> tuple[float, float]:
    """The monthly growth of difficulty and of price as fractions. Raises InvalidQuestion."""
    growth, trend = (_percent(form.values[name]) for name in ("growth", "trend"))
    return growth, trend


def _percent(text: str) -> float:
    return read_number(text.removesuffix("%").strip().replace("−", "-")) / 100.0


def scenario_of(form: BreakevenForm, *, halving: bool = False) -> Scenario:
    """What is supposed about the network. Raises InvalidQuestion that names the field."""
    supposed = {
        name: f"{value.removesuffix('%')}%"
        for name in ("difficulty", "hashrate")
        if (value := form.values[name]) not in ("", "0")
    }
    scenario = parse_scenario_fields(supposed)
    return Scenario(hashrate=scenario.hashrate, difficulty=scenario.difficulty, halving=halving)
