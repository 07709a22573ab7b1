"""What follows `/fleet`: machines to add or take away, sites, tariffs, fees and costs."""

import re
from dataclasses import replace
from typing import Final

from bot.mining.errors import InvalidQuestion
from bot.mining.fleet import EXAMPLE, Tariff
from bot.mining.fleet_command import Edit, FleetCommand
from bot.mining.machines import Catalogue
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.fleet_prices import check_one_price
from bot.mining.parsing.items import ItemKind
from bot.mining.parsing.leftovers import check_leftovers
from bot.mining.parsing.prices import parse_power_price
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.parsing.question_parser import question_of, read
from bot.mining.parsing.tokens import normalize
from bot.mining.parsing.units import Currency, Money

LONGEST: Final = 4000
_VERB: Final = re.compile(
    r"^\s*(?P<verb>add|plus|remove|drop|delete|minus|sell|clear|forget|hours|show|list|csv|export)\b(?P<rest>.*)$",
    re.DOTALL,
)
_SITE: Final = re.compile(r"^\s*(?:site|at)\s+(?P<name>[\w-]{1,20})\s*[:,]?\s*(?P<rest>.*)$", re.DOTALL)
_TARIFF_WORD: Final = re.compile(r"(?:\b(?:power|tariff|strom)\b|@)\s*(?:price\s*)?[=:]?\s*$")
_SEPARATOR: Final = re.compile(
    r"[;\n]|\band\b|\bund\b|(?<!\d),|,(?!\d)|(?<=\d),(?=\d+\s?(?:x|×)?\s?[a-z]{1,3}\d)"
)
"""Between machines; the comma of “270,5TH” is none."""
_UNTIL_NEXT: Final = r"(?:(?!\b(?:fee|pool|uptime|pue|hosting|debt)\b)(?:[^;,]|,(?=\d)))+"
_TAKES: Final = frozenset({"remove", "drop", "delete", "minus", "sell"})
_VALUES: Final = frozenset({"pool_fee", "uptime", "overhead"})


def parse_fleet(
    text: str,
    catalogue: Catalogue,
    zones: tuple[str, ...],
    *,
    language: str = "en",
    currency: Currency | None = None,
) -> FleetCommand:
    """Read what follows `/fleet`. Raises InvalidQuestion for what can't be read; `zones` are those known.

    `language` and `currency` are the chat's.
    """
    if len(text) > LONGEST:
        raise InvalidQuestion(
            lambda t: t("{length} characters are too long; ask in one line.", length=t.number(len(text))),
            EXAMPLE,
        )
    asker = Asker(language, currency)
    command = FleetCommand()
    verb = ""
    plain = normalize(text.replace("\n", " ; "))
    if named := _SITE.match(plain):
        command, plain = replace(command, site=named["name"]), named["rest"]
    check_one_price(plain, catalogue, asker)
    for part in _SEPARATOR.split(plain):
        if not part.strip(" ;"):
            continue
        words = part
        if match := _VERB.match(part):
            verb, words = match["verb"], match["rest"]
        if verb in ("clear", "forget"):
            return FleetCommand(clear=True, site=command.site)
        if verb == "hours":
            zone = next((each for each in zones if each.lower() == words.strip()), "")
            return FleetCommand(hours=True, zone=zone, site=command.site)
        if verb in ("csv", "export"):
            return FleetCommand(csv=True, site=command.site)
        if verb in ("show", "list") or not words.strip():
            continue
        command = _with_part(command, words, catalogue, zones, asker, take=verb in _TAKES)
    return command


def _with_part(
    command: FleetCommand,
    text: str,
    catalogue: Catalogue,
    zones: tuple[str, ...],
    asker: Asker,
    *,
    take: bool,
) -> FleetCommand:
    """The command with what one part between commas says."""
    text, zone_tariff = _without_zone(text, zones, asker)
    if zone_tariff is not None:
        command = _set(command, tariff=zone_tariff)
        if not text.strip():
            return command
    try:
        draft = read(text, catalogue, asker, strict=True)
    except InvalidQuestion as failure:
        raise InvalidQuestion(failure.says, EXAMPLE, hint=failure.hint) from None
    if len(draft.machines) > 1:
        raise InvalidQuestion(lambda t: t("Put a comma between machines."), EXAMPLE)
    unread = [item for item in draft.items if item.kind is ItemKind.UNKNOWN and not item.used]
    if unread:
        raise _unread(" ".join(item.text for item in unread))
    if draft.names_machine:
        edit = _edit(draft)
        command = (
            replace(command, remove=(*command.remove, edit))
            if take
            else replace(command, add=(*command.add, edit))
        )
    elif "count" in draft.numbers:
        raise _unread(text.strip())
    try:
        check_leftovers(draft)
    except InvalidQuestion:
        raise _unread(text.strip()) from None
    if "shared_cost" in draft.money:
        raise InvalidQuestion(
            lambda t: t("A fleet's costs are those of each machine, such as debt 60$/machine/month."), EXAMPLE
        )
    if draft.currency is not None or draft.period != "day" or draft.scheme is not None:
        raise _unread(text.strip())
    strange = (
        draft.numbers.keys() - _VALUES - {"hashrate_ths", "power_w", "efficiency_j_per_th", "count"}
    ) | (draft.money.keys() - {"power_price", "fixed_cost"})
    if strange or not (draft.names_machine or draft.numbers or draft.money or zone_tariff):
        raise _unread(text.strip())
    price = draft.money.get("power_price")
    return _set(
        command,
        tariff=None if price is None else Tariff(fixed_per_kwh=price.amount, currency=price.currency),
        pool_fee=draft.numbers.get("pool_fee"),
        uptime=draft.numbers.get("uptime"),
        overhead=draft.numbers.get("overhead"),
        fixed_cost=draft.money.get("fixed_cost"),
    )


def _set(
    command: FleetCommand,
    *,
    tariff: Tariff | None = None,
    pool_fee: float | None = None,
    uptime: float | None = None,
    overhead: float | None = None,
    fixed_cost: Money | None = None,
) -> FleetCommand:
    return replace(
        command,
        tariff=command.tariff if tariff is None else tariff,
        pool_fee=command.pool_fee if pool_fee is None else pool_fee,
        uptime=command.uptime if uptime is None else uptime,
        overhead=command.overhead if overhead is None else overhead,
        fixed_cost=command.fixed_cost if fixed_cost is None else fixed_cost,
    )


def _without_zone(text: str, zones: tuple[str, ...], asker: Asker) -> tuple[str, Tariff | None]:
    """The text without a day-ahead tariff (“power DE-LU + 2c”), and that tariff."""
    for zone in sorted(zones, key=len, reverse=True):
        match = re.search(
            rf"(?<![\w-]){re.escape(zone.lower())}(?![\w-])\s*(?P<surcharge>[-+]{_UNTIL_NEXT})?",
            text,
        )
        if match is None:
            continue
        before = _TARIFF_WORD.sub("", text[: match.start()])
        surcharge = _surcharge(match["surcharge"], asker)
        return before + text[match.end() :], Tariff(zone=zone, surcharge_eur_per_kwh=surcharge)
    return text, None


def _surcharge(text: str | None, asker: Asker) -> float:
    if text is None:
        return 0.0
    try:
        money = parse_power_price(text[1:].strip(), currency=Currency.EUR, language=asker.language)
    except InvalidQuestion:
        money = None
    if money is None or money.currency is not Currency.EUR or money.amount > 1.0:
        raise InvalidQuestion(
            lambda t: t("“{text}” is no surcharge; write euro cents per kWh.", text=text.strip()[:30]),
            "/fleet power DE-LU + 2c",
        )
    return -money.amount if text.startswith("-") else money.amount


def _edit(draft: QuestionDraft) -> Edit:
    question = question_of(draft)
    rig = question.rig
    label = (
        f"{rig.hashrate_ths:g}TH {rig.power_w:g}W"
        if rig.name is None
        else f"{rig.name} {rig.hashrate_ths:g}T"
    )
    if rig.name is not None and not draft.numbers.keys().isdisjoint(("power_w", "efficiency_j_per_th")):
        label = f"{label} {rig.power_w:g}W"
    count = draft.numbers.get("count") if draft.site_power_w is None else question.count
    return Edit(label, rig, None if count is None else int(count))


def _unread(text: str) -> InvalidQuestion:
    return InvalidQuestion(lambda t: t("I can't read “{text}”.", text=text[:40]), EXAMPLE)
