"""The calculator on the command line: `breakeven [MACHINE] [POWER_PRICE] [flags] [--json]`."""

import json
from argparse import ArgumentParser, Namespace
from typing import Final

from bot.i18n.message import ENGLISH
from bot.mining import answer_lines, assumptions, formatting
from bot.mining.answer import answer
from bot.mining.errors import InvalidQuestion
from bot.mining.machines import Catalogue
from bot.mining.market import Market
from bot.mining.parsing.field_parser import (
    FIELDS,
    FieldNames,
    parse_fields,
    parse_tariff,
    parse_zone_tariff,
)
from bot.mining.parsing.prices import parse_quantity
from bot.mining.parsing.zone_tariff import without_zone
from bot.mining.question import Question

_EXAMPLE: Final = 'breakeven "Antminer S19" 0.07'
_NAMES: Final = FieldNames("MACHINE", lambda field: f"--{field.replace('_', '-')}", _EXAMPLE)


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments. Values stay text until `run`, which can say what is wrong with them."""
    parser.add_argument("machine", nargs="?", metavar="MACHINE", help="a model: “Antminer S19”")
    parser.add_argument("price", nargs="?", metavar="POWER_PRICE", help="USD/kWh, or DE-LU+3c")
    for name, field in FIELDS.items():
        parser.add_argument(_NAMES.of(name), dest=name, metavar="X", help=field.help)
    parser.add_argument("--json", action="store_true", help="one JSON object, every key present")


def needs_readings(args: Namespace) -> bool:
    """True when the arguments leave a price or the network's state to the stored readings."""
    if any(text is not None and without_zone(f"power {text}")[1] for text in (args.price, args.power_price)):
        return True
    return args.btc_price is None or (args.difficulty is None and args.network_hashrate is None)


def run(args: Namespace, market: Market, catalogue: Catalogue) -> str:
    """The result as it goes to standard output. Raises InvalidQuestion (status 2) for bad arguments."""
    answered = answer(_question(args, catalogue), market)
    if args.json:
        return json.dumps(answered.now.as_json(), ensure_ascii=False, allow_nan=False)
    return "\n".join(
        (
            formatting.machine(answered.now, ENGLISH),
            assumptions.understood(answered, ENGLISH),
            "",
            answer_lines.headline(answered, ENGLISH),
            formatting.table(answer_lines.rows(answered, ENGLISH)),
            "",
            answer_lines.leverage(answered, ENGLISH),
            assumptions.ages(answered.inputs, answered.at, ENGLISH),
            *filter(None, [assumptions.warning(answered.inputs, answered.at, ENGLISH)]),
        )
    )


def _question(args: Namespace, catalogue: Catalogue) -> Question:
    texts = {name: text for name in FIELDS if (text := getattr(args, name)) is not None}
    machine, price = args.machine, args.price
    if machine is not None and price is None and _is_price(machine, catalogue):
        machine, price = None, machine
    if price is not None:
        if args.power_price is not None and price != args.power_price:
            raise InvalidQuestion(
                lambda _: f"POWER_PRICE {price} differs from --power-price {args.power_price}; give one.",
                _EXAMPLE,
            )
        if parse_zone_tariff(price, catalogue) is None:
            parse_tariff("POWER_PRICE", price, _EXAMPLE)
        texts["power_price"] = price
    return parse_fields(machine, texts, catalogue, _NAMES)


def _is_price(text: str, catalogue: Catalogue) -> bool:
    try:
        return parse_quantity(text) is not None or parse_zone_tariff(text, catalogue) is not None
    except InvalidQuestion:
        return False
