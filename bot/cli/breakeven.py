"""The calculator on the command line: `breakeven [MACHINE] [POWER_PRICE] [flags] [--json]`."""

import json
from argparse import ArgumentParser, Namespace
from dataclasses import replace
from typing import Final

from bot.i18n.message import ENGLISH
from bot.mining import formatting
from bot.mining.answer import answer
from bot.mining.economics import Rig
from bot.mining.errors import InvalidQuestion
from bot.mining.limits import BOUNDS, check
from bot.mining.machines import Catalogue
from bot.mining.market import Market
from bot.mining.parsing.units import (
    CENTS,
    POWER_PRICE,
    Currency,
    Money,
    read_cents,
    read_number,
    read_percent,
    read_power_price,
)
from bot.mining.question import Question

_EXAMPLE: Final = 'breakeven "Antminer S19" 0.07'
_FLAGS: Final = {
    "hashrate": ("hashrate_ths", "TH/s; default: the machine's"),
    "power": ("power_w", "W at the wall; default: the machine's"),
    "power_price": ("power_price_usd_per_kwh", "USD/kWh; default: POWER_PRICE"),
    "btc_price": ("btc_price_usd", "USD/BTC; default: latest reading"),
    "difficulty": ("difficulty", "default: latest reading"),
    "network_hashrate": ("network_hashrate_ehs", "EH/s; reckons income by share of the network"),
    "network_btc_per_day": ("network_btc_per_day", "income of all miners; default: 144 blocks"),
    "block_subsidy": ("block_subsidy_btc", "BTC; default: by date"),
    "block_fees": ("fees_btc_per_block", "BTC per block; default: latest reading, else 0"),
    "pool_fee": ("pool_fee", "fraction 0-1; default 0"),
    "uptime": ("uptime", "fraction 0-1; default 1"),
    "overhead": ("overhead", "facility power / machine power (PUE); default 1"),
    "fixed_cost": ("fixed_cost_usd_per_day", "USD/day per machine: hosting, labour, debt service; default 0"),
    "machine_price": ("machine_price_usd", "USD, for payback"),
}
"""Every flag with a number: the quantity that bounds it, and its help."""


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments. Values stay text until `run`, which can say what is wrong with them."""
    parser.add_argument("machine", nargs="?", metavar="MACHINE", help="a model: “Antminer S19”")
    parser.add_argument("price", nargs="?", metavar="POWER_PRICE", help="USD/kWh")
    for flag, (_, described) in _FLAGS.items():
        parser.add_argument(f"--{flag.replace('_', '-')}", dest=flag, metavar="X", help=described)
    parser.add_argument("--json", action="store_true", help="one JSON object, every key present")


def needs_readings(args: Namespace) -> bool:
    """True when the arguments leave a bitcoin price or the network's state to the stored readings."""
    return args.btc_price is None or (args.difficulty is None and args.network_hashrate is None)


def run(args: Namespace, market: Market, catalogue: Catalogue) -> str:
    """The result as it goes to standard output. Raises Misunderstanding (status 2) for bad arguments."""
    answered = answer(_question(args, catalogue), market)
    if args.json:
        return json.dumps(answered.now.as_json(), ensure_ascii=False, allow_nan=False)
    return "\n".join(
        (
            formatting.machine(answered.now, ENGLISH),
            formatting.understood(answered, ENGLISH),
            "",
            formatting.headline(answered, ENGLISH),
            formatting.table(formatting.rows(answered, ENGLISH)),
            "",
            formatting.leverage(answered.now, ENGLISH),
            formatting.ages(answered.inputs, answered.at, ENGLISH),
            *filter(None, [formatting.warning(answered.inputs, answered.at, ENGLISH)]),
        )
    )


def _question(args: Namespace, catalogue: Catalogue) -> Question:
    given = {flag: _figure(flag, getattr(args, flag)) for flag in _FLAGS if flag != "power_price"}
    named, price = args.machine, args.price
    if named is not None and price is None and _is_price(named):
        named, price = None, named
    if price is not None and args.power_price is not None and price != args.power_price:
        raise InvalidQuestion(
            lambda _: f"POWER_PRICE {price} differs from --power-price {args.power_price}; give one.",
            _EXAMPLE,
        )
    tariff = None
    if price is not None:
        tariff = _tariff("POWER_PRICE", price)
    elif args.power_price is not None:
        tariff = _tariff("--power-price", args.power_price)

    def usd(flag: str) -> Money | None:
        return None if (value := given[flag]) is None else Money(value)

    def share(flag: str, usual: float) -> float:
        return usual if (value := given[flag]) is None else value

    return Question(
        rig=_rig(named, given["hashrate"], given["power"], catalogue),
        power_price=tariff,
        btc_price=usd("btc_price"),
        pool_fee=share("pool_fee", 0.0),
        uptime=share("uptime", 1.0),
        overhead=share("overhead", 1.0),
        fixed_cost=usd("fixed_cost"),
        machine_price=usd("machine_price"),
        difficulty=given["difficulty"],
        network_hashrate_ehs=given["network_hashrate"],
        network_btc_per_day=given["network_btc_per_day"],
        block_subsidy_btc=given["block_subsidy"],
        fees_btc_per_block=given["block_fees"],
    )


def _rig(named: str | None, hashrate_ths: float | None, power_w: float | None, catalogue: Catalogue) -> Rig:
    if named is None:
        if hashrate_ths is None or power_w is None:
            raise InvalidQuestion(lambda _: "Name a MACHINE, or give --hashrate and --power.", _EXAMPLE)
        return Rig(hashrate_ths, power_w)
    try:
        machine = catalogue.find(named)
    except InvalidQuestion as failure:
        sentence = failure.sentence.replace(", or see /machines", "")
        raise InvalidQuestion(lambda _: f"MACHINE: {sentence}", _EXAMPLE, failure.suggestions) from None
    if hashrate_ths is not None:
        machine = next(
            (held for held in catalogue.bins(machine.model) if held.hashrate_ths == hashrate_ths), machine
        )
    return replace(
        machine.rig(), hashrate_ths=hashrate_ths or machine.hashrate_ths, power_w=power_w or machine.power_w
    )


def _figure(flag: str, text: str | None) -> float | None:
    if text is None:
        return None
    quantity = _FLAGS[flag][0]
    name = f"--{flag.replace('_', '-')}"
    try:
        value = read_percent(text) if flag in ("pool_fee", "uptime") else read_number(text)
    except InvalidQuestion:
        raise InvalidQuestion(
            lambda _: (
                f"{name} {text[:40]!r} is no number; write {name} {BOUNDS[quantity].example.split()[0]}."
            ),
            _EXAMPLE,
        ) from None
    return check(quantity, value, name, _EXAMPLE)


def _tariff(name: str, text: str) -> Money:
    """A power price: USD/kWh, or with a unit of its own (7c, 65 EUR/MWh)."""
    if found := POWER_PRICE.fullmatch(text):
        money = read_power_price(found)
    elif found := CENTS.fullmatch(text):
        money = read_cents(found, Currency.USD)
    else:
        try:
            money = Money(read_number(text))
        except InvalidQuestion:
            raise InvalidQuestion(
                lambda _: f"{name} {text[:40]!r} is no power price; write 0.07 (USD/kWh).", _EXAMPLE
            ) from None
    check("power_price_usd_per_kwh", money.amount, name, _EXAMPLE)
    return money


def _is_price(text: str) -> bool:
    try:
        _tariff("POWER_PRICE", text)
    except InvalidQuestion:
        return False
    return True
