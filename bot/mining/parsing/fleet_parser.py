"""What follows `/fleet`: machines to add or take away, the power tariff, the pool fee."""

import re
from dataclasses import dataclass
from typing import Final

from bot.mining.economics import Rig
from bot.mining.errors import InvalidQuestion
from bot.mining.fleet import EXAMPLE, Fleet, Tariff
from bot.mining.limits import check
from bot.mining.machines import Catalogue
from bot.mining.parsing.patterns import BIN, TYPED_MACHINE
from bot.mining.parsing.units import (
    CENTS,
    DIGITS,
    HASHRATE,
    POWER_PRICE,
    WATTS,
    Currency,
    Money,
    read_cents,
    read_hashrate,
    read_number,
    read_power_price,
    read_watts,
    tidy,
)

_I: Final = re.IGNORECASE
_FEE: Final = re.compile(rf"\b(?:pool[\s-]?)?fee\s*[=:]?\s*(?P<number>{DIGITS})\s?(?P<percent>%)?", _I)
_TARIFF: Final = re.compile(
    r"(?:\b(?:power|tariff|strom)\b|@)\s*(?:price\s*)?[=:]?\s*(?P<rest>(?:[^;,\n]|(?<=\d),(?=\d))*)", _I
)
_VERB: Final = re.compile(
    r"^\s*(?P<verb>add|plus|remove|drop|delete|minus|sell|clear|forget|hours|show|list)\b(?P<rest>.*)$", _I
)
_COUNT: Final = re.compile(r"^\s*(?P<count>\d{1,9})\s*(?:x|×|\*|pcs|units?)?\s+(?:of\s+)?(?P<rest>.*)$", _I)
_SEPARATOR: Final = re.compile(r"[;\n]|\band\b|(?<!\d),|,(?!\d+\s?(?:[gtpe]h|t|k?w|watts?)\b)", _I)
"""Between machines; the comma of “270,5TH” is none."""
_TAKES: Final = frozenset({"remove", "drop", "delete", "minus", "sell"})


@dataclass(frozen=True, slots=True)
class Edit:
    """So many machines (None: all) of a kind to add or take away."""

    label: str
    rig: Rig
    count: int | None


@dataclass(frozen=True, slots=True)
class FleetCommand:
    """What to do with the fleet. `clear` wins over the rest; nothing set means: show it, or its `hours`."""

    add: tuple[Edit, ...] = ()
    remove: tuple[Edit, ...] = ()
    tariff: Tariff | None = None
    pool_fee: float | None = None
    clear: bool = False
    hours: bool = False

    @property
    def changes(self) -> bool:
        """True when the fleet is different afterwards."""
        return bool(self.add or self.remove or self.tariff or self.clear) or self.pool_fee is not None

    def applied(self, fleet: Fleet) -> Fleet:
        """The fleet after the command. Raises InvalidQuestion for what can't be done."""
        if self.clear:
            return Fleet()
        for edit in self.remove:
            fleet = fleet.minus(edit.label, edit.count)
        for edit in self.add:
            fleet = fleet.plus(edit.label, edit.rig, 1 if edit.count is None else edit.count)
        return Fleet(
            fleet.kinds,
            fleet.tariff if self.tariff is None else self.tariff,
            fleet.pool_fee if self.pool_fee is None else self.pool_fee,
        )


def parse_fleet(
    text: str, catalogue: Catalogue, zones: tuple[str, ...], *, decimal_comma: bool = False
) -> FleetCommand:
    """Read what follows `/fleet`. Raises InvalidQuestion for what can't be read; `zones` are those known.

    `decimal_comma` says how the asker's language writes numbers.
    """
    if len(text) > 1000:
        raise InvalidQuestion(
            lambda t: t("{length} characters are too long; ask in one line.", length=t.number(len(text))),
            EXAMPLE,
        )
    fee: float | None = None
    tariff: Tariff | None = None

    def take_fee(found: re.Match[str]) -> str:
        nonlocal fee
        number = read_number(found["number"], decimal_comma=decimal_comma)
        fee = check("pool_fee", number / (100.0 if found["percent"] else 1.0), None, EXAMPLE)
        return ","

    def take_tariff(found: re.Match[str]) -> str:
        nonlocal tariff
        tariff = _tariff(found["rest"].strip(), zones, decimal_comma)
        return ","

    text = _TARIFF.sub(take_tariff, _FEE.sub(take_fee, tidy(text)))
    add: list[Edit] = []
    remove: list[Edit] = []
    verb = ""
    for part in _SEPARATOR.split(text):
        if not part.strip():
            continue
        command = _VERB.match(part)
        if command:
            verb, part = command["verb"].lower(), command["rest"]  # noqa: PLW2901 - the rest is read in place of the part
        if verb in ("clear", "forget"):
            return FleetCommand(clear=True)
        if verb == "hours":
            return FleetCommand(hours=True)
        if verb in ("show", "list") or not part.strip():
            continue
        (remove if verb in _TAKES else add).append(_edit(part, catalogue, decimal_comma))
    return FleetCommand(tuple(add), tuple(remove), tariff, fee)


def _edit(part: str, catalogue: Catalogue, decimal_comma: bool) -> Edit:
    counted = _COUNT.match(part)
    text = part.strip()
    count: int | None = None
    if counted and not HASHRATE.match(text):
        count, text = int(counted["count"]), counted["rest"].strip()
        if count < 1:
            raise InvalidQuestion(lambda t: t("A count must be at least 1."), EXAMPLE)
    if rig := _own_rig(text, decimal_comma):
        return Edit(*rig, count)
    mentions = catalogue.mentions(text)
    if len(mentions) == 1:
        mention = mentions[0]
        size = BIN.match(text, mention.end)
        hashrate = float(size["number"].replace(",", ".")) if size else None
        left = text[: mention.start] + (text[size.end() :] if size else text[mention.end :])
        if left.strip(" .()"):
            raise _unread(left.strip())
        machine = catalogue.pick(mention.model, hashrate)
        return Edit(machine.name, machine.rig(), count)
    if len(mentions) > 1:
        raise InvalidQuestion(lambda t: t("Put a comma between machines."), EXAMPLE)
    if typed := TYPED_MACHINE.search(text):
        raise catalogue.unknown(typed[0])
    raise _unread(text)


def _unread(text: str) -> InvalidQuestion:
    return InvalidQuestion(lambda t: t("I can't read “{text}”.", text=text[:40]), EXAMPLE)


def _own_rig(text: str, decimal_comma: bool) -> tuple[str, Rig] | None:
    """A machine given by its figures, such as `110TH 3250W`."""
    hashrate, watts = HASHRATE.match(text), WATTS.search(text)
    if hashrate is None:
        return None
    ths = check("hashrate_ths", read_hashrate(hashrate, decimal_comma=decimal_comma), None, EXAMPLE)
    if watts is None:
        raise InvalidQuestion(
            lambda t: t("I need the machine's power at the wall too."), f"/fleet add 10 x {ths:g}TH 3250W"
        )
    left = text[hashrate.end() : watts.start()] + text[watts.end() :]
    if left.strip(" /"):
        raise _unread(left.strip())
    power = check("power_w", read_watts(watts, decimal_comma=decimal_comma), None, EXAMPLE)
    label = f"{ths:g}TH {power:g}W"
    return label, Rig(ths, power, label)


def _tariff(text: str, zones: tuple[str, ...], decimal_comma: bool) -> Tariff:
    for zone in sorted(zones, key=len, reverse=True):
        if text.upper().startswith(zone.upper()) and not text[len(zone) : len(zone) + 1].isalnum():
            return Tariff(zone=zone, surcharge_eur_per_kwh=_surcharge(text[len(zone) :], decimal_comma))
    price = _price(text, Currency.USD, decimal_comma)
    if price is None or price.currency is not Currency.USD:
        raise InvalidQuestion(
            # Translators: {zones} is a list of bidding zones, such as “DE-LU, FR”.
            lambda t: t(
                "“{text}” is no power price; write 6.5c or 0.065 (US dollars), or a day-ahead zone: {zones}.",
                text=text[:30],
                zones=", ".join(zones),
            ),
            "/fleet power DE-LU + 2c",
        )
    return Tariff(fixed_usd_per_kwh=check("power_price_usd_per_kwh", price.amount, None, "/fleet power 6.5c"))


def _surcharge(text: str, decimal_comma: bool) -> float:
    if not text.strip():
        return 0.0
    found = re.match(r"\s*(?P<sign>[-+−])\s*(?P<price>.+)$", text)
    price = _price(found["price"].strip(), Currency.EUR, decimal_comma) if found else None
    if found is None or price is None or price.currency is not Currency.EUR or price.amount > 1.0:
        raise InvalidQuestion(
            lambda t: t("“{text}” is no surcharge; write euro cents per kWh.", text=text.strip()[:30]),
            "/fleet power DE-LU + 2c",
        )
    return price.amount if found["sign"] == "+" else -price.amount


def _price(text: str, usual: Currency, decimal_comma: bool) -> Money | None:
    """A price of a kWh with a unit, or a bare number as the usual currency per kWh (from 1 on: its cents)."""
    if found := POWER_PRICE.fullmatch(text):
        return read_power_price(found, decimal_comma=decimal_comma)
    if found := CENTS.fullmatch(text):
        return read_cents(found, usual, decimal_comma=decimal_comma)
    if found := re.fullmatch(rf"\$?({DIGITS})", text):
        number = read_number(found[1], decimal_comma=decimal_comma)
        return Money(number / 100.0 if 1.0 <= number <= 100.0 else number, usual)
    return None
