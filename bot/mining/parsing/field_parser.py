"""A breakeven question in separate fields, as flags of the command line and parameters of the API give it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from bot.i18n.message import Translator
from bot.mining.economics import Rig
from bot.mining.errors import InvalidQuestion
from bot.mining.limits import BOUNDS, check, is_believable, unbelievable
from bot.mining.machines import Catalogue
from bot.mining.parsing.prices import parse_power_price
from bot.mining.parsing.question_parser import REFERENCE, parse_command
from bot.mining.parsing.units import Currency, Money, read_number, read_percent
from bot.mining.parsing.zone_tariff import without_zone
from bot.mining.question import Question

_HIGHEST_POOL_FEE: Final = 0.3
_LOWEST_DIFFICULTY: Final = 1e11


@dataclass(frozen=True, slots=True)
class QuestionField:
    """A field with a number: the quantity that bounds it (a key of BOUNDS), and its help."""

    quantity: str
    help: str


FIELDS: Final = {
    "hashrate": QuestionField("hashrate_ths", "TH/s; default: the machine's"),
    "power": QuestionField("power_w", "W at the wall; default: the machine's"),
    "power_price": QuestionField(
        "power_price_usd_per_kwh",
        "USD/kWh, or a day-ahead zone: “DE-LU+3c”; default: POWER_PRICE",
    ),
    "btc_price": QuestionField("btc_price_usd", "USD/BTC; default: latest reading"),
    "difficulty": QuestionField("difficulty", "default: latest reading"),
    "network_hashrate": QuestionField("network_hashrate_ehs", "EH/s; income by share of the network"),
    "network_btc_per_day": QuestionField("network_btc_per_day", "income of all miners; default: 144 blocks"),
    "block_subsidy": QuestionField("block_subsidy_btc", "BTC; default: by date"),
    "block_fees": QuestionField("fees_btc_per_block", "BTC per block; default: latest reading, else 0"),
    "pool_fee": QuestionField("pool_fee", "fraction 0-1; default 0"),
    "uptime": QuestionField("uptime", "fraction 0-1; default 1"),
    "overhead": QuestionField("overhead", "facility power / machine power (PUE); default 1"),
    "fixed_cost": QuestionField(
        "fixed_cost_usd_per_day", "USD/day per machine: hosting, labour, debt service; default 0"
    ),
    "machine_price": QuestionField("machine_price_usd", "USD, for payback"),
}
"""Every field with a number, in the order in which they are listed."""


@dataclass(frozen=True, slots=True)
class FieldNames:
    """How a surface spells its fields in what it says of them: `machine`, `of` a field, an `example`.

    An empty spelling stands for the quantity's own name in the asker's language.
    """

    machine: str
    of: Callable[[str], str]
    example: str


def parse_fields(
    machine: str | None, texts: Mapping[str, str], catalogue: Catalogue, names: FieldNames
) -> Question:
    """The question in a machine's name and in fields (keys of FIELDS). Raises InvalidQuestion."""
    numbers = {field: _figure(field, text, names) for field, text in texts.items() if field != "power_price"}
    tariff = texts.get("power_price")
    at_market = None if tariff is None else parse_zone_tariff(tariff, catalogue)

    def usd(field: str) -> Money | None:
        return None if (value := numbers.get(field)) is None else Money(value)

    return Question(
        rig=_rig(machine, numbers.get("hashrate"), numbers.get("power"), catalogue, names),
        power_price=None
        if tariff is None or at_market is not None
        else parse_tariff(names.of("power_price"), tariff, names.example),
        btc_price=usd("btc_price"),
        pool_fee=numbers.get("pool_fee", 0.0),
        uptime=numbers.get("uptime", 1.0),
        overhead=numbers.get("overhead", 1.0),
        fixed_cost=usd("fixed_cost"),
        machine_price=usd("machine_price"),
        difficulty=numbers.get("difficulty"),
        network_hashrate_ehs=numbers.get("network_hashrate"),
        network_btc_per_day=numbers.get("network_btc_per_day"),
        block_subsidy_btc=numbers.get("block_subsidy"),
        fees_btc_per_block=numbers.get("block_fees"),
        zone=None if at_market is None else at_market.zone,
        surcharge=None if at_market is None else at_market.surcharge,
        power_tax=0.0 if at_market is None else at_market.power_tax,
    )


def parse_zone_tariff(text: str, catalogue: Catalogue) -> Question | None:
    """A tariff of a day-ahead zone, “DE-LU+3c tax 19%”, as it is read in a question; None for any other.

    Only the question's zone, surcharge and tax are meant. Raises InvalidQuestion.
    """
    if without_zone(f"power {text}")[1] is None:
        return None
    return parse_command(f"{REFERENCE} power {text}", catalogue)


def parse_tariff(name: str, text: str, example: str) -> Money:
    """A power price: USD/kWh, or with a unit of its own (7c, 65 EUR/MWh). Raises InvalidQuestion.

    `name` is what the asker calls the field, empty for its own name in the asker's language.
    """
    try:
        money = parse_power_price(text, bare_cents=False, example=example)
    except InvalidQuestion as failure:
        raise (failure.about(name, example) if name else failure) from None
    if money.currency is Currency.USD:
        check("power_price_usd_per_kwh", money.amount, name or None, example)
    return money


def _rig(
    named: str | None,
    hashrate_ths: float | None,
    power_w: float | None,
    catalogue: Catalogue,
    names: FieldNames,
) -> Rig:
    if named is None:
        if hashrate_ths is None or power_w is None:
            hashrate, power = names.of("hashrate"), names.of("power")
            raise InvalidQuestion(
                lambda _: f"Name a {names.machine}, or give {hashrate} and {power}.", names.example
            )
        return _believable(Rig(hashrate_ths, power_w), None, names.example)
    try:
        machine = catalogue.find(named)
    except InvalidQuestion as failure:
        raise (failure.about(names.machine, names.example) if names.machine else failure) from None
    if hashrate_ths is not None:
        machine = next(
            (same for same in catalogue.bins(machine.model) if same.hashrate_ths == hashrate_ths), machine
        )
    rig = replace(
        machine.rig(), hashrate_ths=hashrate_ths or machine.hashrate_ths, power_w=power_w or machine.power_w
    )
    return _believable(rig, machine.efficiency_j_per_th, names.example)


def _called(field: str, name: str, t: Translator) -> str:
    return name or t(BOUNDS[FIELDS[field].quantity].label)


def _believable(rig: Rig, nameplate_j_per_th: float | None, example: str) -> Rig:
    if not is_believable(rig.efficiency_j_per_th, nameplate_j_per_th):
        raise unbelievable(rig.hashrate_ths, rig.power_w, example)
    return rig


def _figure(field: str, text: str, names: FieldNames) -> float:
    quantity, name = FIELDS[field].quantity, names.of(field)
    try:
        value = read_percent(text) if field in ("pool_fee", "uptime") else read_number(text)
    except InvalidQuestion:
        raise InvalidQuestion(
            # Translators: {figure} is what a figure is called, {text} what was given for it, in quotes.
            lambda t: t(
                "{figure} {text} is no number; write {example}.",
                figure=_called(field, name, t),
                text=repr(text[:40]),
                example=f"{name} {BOUNDS[quantity].example.split()[0]}".lstrip(),
            ),
            names.example,
        ) from None
    check(quantity, value, name or None, names.example)
    if (likely := _likelier(field, text, value)) is not None:
        failure = InvalidQuestion(
            # Translators: {text} is what was typed, {meant} what was likely meant.
            lambda t: t("{text} can hardly be; did you mean {meant}?", text=text.strip()[:30], meant=likely),
            names.example,
        )
        raise failure.about(name) if name else failure
    return value


def _likelier(field: str, text: str, value: float) -> str | None:
    """What was likely meant by a figure that never was; None for one that may be.

    A difficulty in powers of ten is meant as it stands: the first blocks had one of 1.
    """
    if field == "pool_fee" and value > _HIGHEST_POOL_FEE:
        return f"{value / 100.0:.4g}"
    if field == "difficulty" and value < _LOWEST_DIFFICULTY and "e" not in text.lower():
        return f"{value:g}e12"
    return None
