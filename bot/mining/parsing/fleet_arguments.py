"""A chat's machines in plain words, as the arguments of `/fleet`: “add 10 s19”, “my power is 8.2 cents”."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from bot.mining.machine_names import short_name
from bot.mining.parsing.command_arguments import AND_WORDS, IGNORABLE, quantities_of
from bot.mining.parsing.command_request import CommandRequest
from bot.mining.parsing.items import Item, ItemKind, ScannedText
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.number_words import NUMBER_WORDS
from bot.mining.parsing.roles import word_set

_BOUGHT: Final = frozenset({"bought"})
_SOLD: Final = frozenset({"sold", "selling", "delete", "forget", "broken"})
_DONE: Final = frozenset({"bought", "sold"})
"""What is told as done; with anything else it may only be meant to be."""
_NOT_YET: Final = word_set("fleet_arguments", "not_yet")
"""Beside these nothing was done yet."""
_OTHERS: Final = word_set("fleet_arguments", "others")
"""Whose machines are not the asker's."""
_A_MACHINE: Final = word_set("fleet_arguments", "a_machine")
_HAVE: Final = re.compile(
    r"\b(?:(?:i|we)(?:'ve| have)(?: got)?|i got|my (?:farm|site|barn|garage) has|ich hab(?:e)?|wir haben|hab"
    r"|tengo|tenemos|у (?:меня|нас))\b|我有|我们有|我在|我家有"
)
"""What says that machines are the asker's own."""
_SITES: Final = {
    **{
        word: word
        for word in (
            "barn", "garage", "shed", "basement", "cellar", "warehouse", "attic", "container", "workshop",
            "scheune", "keller", "schuppen", "halle", "lager", "dachboden", "werkstatt", "stall",
            "granero", "garaje", "sótano", "almacén", "nave", "taller", "contenedor",
            "仓库", "车库", "地下室", "谷仓", "机房", "工厂",
        )
    },
    "сарае": "сарай", "гараже": "гараж", "подвале": "подвал", "складе": "склад", "цехе": "цех",
    "контейнере": "контейнер", "чердаке": "чердак",
}  # fmt: skip
"""Where machines stand, as a site is named."""
_RECENTLY: Final = word_set("fleet_arguments", "recently")
_HIGHEST_FEE: Final = 10.0
_DEAREST: Final = 2.0
"""Of a kWh: money above this is for something else."""
_PLUS: Final = word_set("fleet_arguments", "plus")
"""Words that add what stands behind them, where nothing stands before."""
_ENTERED: Final = re.compile(r"^\W*(?:bitte )?tr[aä]gs?t? .*\bein(?: bitte)?\W*$")
"""The same of a verb whose second part stands at the end: “trag 8 S21 ein”."""


_QUESTION: Final = re.compile(
    r"\W*(?:(?:so|and|hey|und|na|y|oye) )?(?:how|what(?:'?s)?|which|does|is|are|wie ?viel\w*|was|welche\w*"
    r"|lohnt|macht|bringt|wirft|cuánt\w+|cuant\w+|qué|cuál\w*|сколько|что|какой|多少)\b"
)
"""Words that begin a question, of which a verb is no order."""
_TAKEN_OUT: Final = re.compile(
    r"\b(?:nimm|nehmt?|hol) .*\b(?:raus|heraus|aus (?:der|meiner|unserer) \w+)(?: bitte)?\W*$"
)
"""A verb that takes away by what stands behind it: “nimm 2 S19 aus meiner Flotte”."""
_OURS: Final = re.compile(
    r"\b(?:my|our|meine?[nmr]?|unsere?[nmr]?|mi(?:s)?|nuestr[oa]s?|мо[йяёеи]|наш[аеи]?|у меня|у нас)\b"
    r"|我的|我们的|我这"
)
"""What says that a price is the asker's own."""


def fleet_command(scanned: ScannedText, concepts: set[str]) -> CommandRequest | None:
    """“add 10 s19 to my fleet” as `/fleet add 10 s19`."""
    allowed = IGNORABLE | {"add", "delete", "fleet", "catalogue"}
    items = scanned.items
    is_entered = items[0].text in _PLUS or _ENTERED.search(scanned.plain) is not None
    if _TAKEN_OUT.search(scanned.plain):
        concepts = concepts - {"change", "add"} | {"delete"}
    is_entered = is_entered or (_ADDED_IN_CHINESE.search(scanned.plain) is not None)
    if any(item.text in _MORE and behind.kind is ItemKind.MACHINE for item, behind in pairwise(items)):
        concepts = concepts - {"dearer"}
    verbs = concepts & {"add", "delete"} or ({"add"} if is_entered else set())
    if any(_is_tariff(item) for item in items):
        allowed |= {"energy", "power", "power_price"}
    is_known = all(item.kind is not ItemKind.UNKNOWN or item.text in NUMBER_WORDS for item in items)
    if _QUESTION.match(scanned.plain) is not None:
        return None  # “how much does an S21 clear at 5c”
    if len(verbs) != 1 or concepts - allowed or not is_known:
        return None
    is_counted = quantities_of(items) or any(item.text in NUMBER_WORDS for item in items)
    if "delete" in verbs and not is_counted:
        return None
    verb = "add" if "add" in verbs else "remove"
    return CommandRequest("fleet", f"{verb} {_machines_in_short(items)}")


def fleet_told(scanned: ScannedText, concepts: set[str]) -> CommandRequest | None:
    """“sold two S19”, “my farm: 10 S19, 5 M50S, power 6c” as the command that would note it."""
    if "moved" in concepts:
        return CommandRequest("fleet")
    verb = "remove" if concepts & _SOLD else "add" if concepts & _BOUGHT else ""
    is_list = "fleet" in concepts and any(item.quantity is not None for item in scanned.items)
    allowed = IGNORABLE | _SOLD | _BOUGHT | {
        "fleet", "catalogue", "energy", "power", "dearer", "last", "past", "tonight", "keep_rest", "again",
    }  # fmt: skip
    is_priced = any(
        item.quantity is not None and item.quantity.unit is MeasureUnit.MONEY for item in scanned.items
    )
    if not (verb or is_list) or concepts - allowed or (verb and is_priced):
        return None
    if any(item.kind is ItemKind.UNKNOWN and item.text not in NUMBER_WORDS for item in scanned.items):
        return None
    return CommandRequest("fleet", f"{verb or 'add'} {_machines_in_short(scanned.items)}")


def own_machines(scanned: ScannedText) -> CommandRequest | None:
    """“I've got 20 S19s in the barn at 6c” as what remembers them: how many, where, and at which price.

    None where it isn't said whose they are, how many, or what their power costs.
    """
    items = scanned.items
    machines = [item for item in items if item.kind is ItemKind.MACHINE]
    prices = [item for item in quantities_of(items) if item.quantity is not None and _is_tariff(item)]
    counts = [item for item in quantities_of(items) if item not in prices and _is_count(item)]
    said = scanned.plain
    is_open = "?" in said or any(not (_NOT_YET | _OTHERS).isdisjoint(item.text.split()) for item in items)
    is_own = _HAVE.search(said) is not None or any(item.concept == "fleet" for item in items)
    kinds = [(_count_before(items, each), each) for each in machines]
    is_counted = bool(kinds) and all(count in counts for count, _ in kinds)
    if not is_counted or len(kinds) != len(counts) or len(prices) != 1 or is_open or not is_own:
        return None
    is_known = all(item.kind is not ItemKind.UNKNOWN for item in items)
    if not is_known or len(quantities_of(items)) != len(counts) + 1:
        return None
    mentions = [each.mention for each in machines]
    if any(each is None or each.kind != "model" or len(each.models) != 1 for each in mentions):
        return None
    site = next((_SITES[word] for item in items for word in item.text.split() if word in _SITES), "")
    at = f"at {site} " if site else ""
    named = ", ".join(f"{count.text} {_in_short(each)}" for count, each in kinds if count is not None)
    return CommandRequest("fleet", f"{at}add {named} power {prices[0].text}")


def _count_before(items: Sequence[Item], machine: Item) -> Item | None:
    """The figure right before a machine, or before a word that counts it (“20台S19”)."""
    before = items[: items.index(machine)]
    if before and before[-1].concept in ("machine_unit", "count_word", "filler"):
        before = before[:-1]
    return before[-1] if before and before[-1].quantity is not None else None


def _is_tariff(item: Item) -> bool:
    quantity = item.quantity
    if quantity is None or quantity.unit is not MeasureUnit.MONEY:
        return False
    return quantity.cents or "kwh" in quantity.per or 0.0 < quantity.small < _DEAREST


def _is_count(item: Item) -> bool:
    quantity = item.quantity
    is_plain = quantity is not None and quantity.unit is MeasureUnit.NUMBER and not quantity.per
    return is_plain and item.text.isdecimal() and int(item.text) >= 1


def is_told_plainly(scanned: ScannedText, concepts: set[str]) -> bool:
    """True where machines were bought or sold for certain, and it is said how many: “sold two S19 today”."""
    items = scanned.items
    are_done = len(concepts & _DONE) == 1 or {"broken", "delete"} <= concepts
    is_long_ago = any(item.concept in ("last", "past") and item.text not in _RECENTLY for item in items)
    is_open = (
        any(item.is_guess or not (_NOT_YET | _OTHERS).isdisjoint(item.text.split()) for item in items)
        or "?" in scanned.plain
    )
    if not are_done or is_long_ago or is_open:
        return False
    machines = [index for index, item in enumerate(items) if item.kind is ItemKind.MACHINE]
    are_all = "bought" not in concepts and (
        "all" in concepts or all(_is_plural(items[index]) for index in machines)
    )
    counts = sum(1 for item in items if item.quantity is not None or item.text in NUMBER_WORDS)
    articles = sum(1 for index in machines if index and items[index - 1].text in _A_MACHINE)
    return are_all or counts + articles == len(machines)


def _is_plural(machine: Item) -> bool:
    """True for “s9s”: several of a model whose name has no s at its end."""
    mention = machine.mention
    if mention is None or len(mention.models) != 1 or not machine.text.endswith("s"):
        return False
    return not short_name(mention.models[0]).lower().endswith("s")


def _machines_in_short(items: Sequence[Item]) -> str:
    """Machines as `/fleet` takes them: what they are, how many, and the price of their power."""
    words = ""
    for index, item in enumerate(items):
        text = _in_short(item) if item.kind is not ItemKind.WORD or _is_kept(item) else ""
        if item.kind is ItemKind.MACHINE and index and items[index - 1].text in _A_MACHINE:
            text = f"1 {text}"
        words += ("" if item.glued or not words or text == "," else " ") + text if text else ""
    return words.strip(" ,;:.!?")


def _in_short(item: Item) -> str:
    """An item as `/fleet` takes it: numbers as digits, a comma for “and”, “power” for whatever names it."""
    if item.concept in ("energy", "power"):
        return "power"
    if item.text in AND_WORDS:
        return ","
    mention = item.mention
    if (
        mention is not None
        and mention.kind == "model"
        and len(mention.models) == 1
        and item.text.endswith("s")
    ):
        name = short_name(mention.models[0])
        return item.text if name.lower().endswith("s") else name  # “s9s” are several S9
    return f"{NUMBER_WORDS[item.text]:g}" if item.text in NUMBER_WORDS else item.text


def share_command(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“a card of my break-even to share, s19 6c” as `/share s19 6c`."""
    machines = [item for item in items if item.mention is not None]
    allowed = IGNORABLE | {"share", "breakeven", "picture", "chart", "fleet", "profit"}
    if "share" not in concepts or concepts - allowed or len(machines) != 1:
        return None
    if any(item.kind is ItemKind.UNKNOWN or item.is_share for item in items):
        return None  # “15 % profit share” is one of the operator's
    said = [machines[0].text, *(item.text for item in quantities_of(items))]
    return CommandRequest("share", " ".join(said))


def fleet_power(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“change my power to 8.2 cents”, “my power price is 5.4c” as what sets it for the chat's machines."""
    quantities = quantities_of(items)
    allowed = IGNORABLE | {
        "energy",
        "power",
        "power_price",
        "change",
        "until",
        "price",
        "fleet",
        "kwh",
        "costs",
        "tonight",
    }
    quantity = quantities[0].quantity if len(quantities) == 1 else None
    is_price = quantity is not None and quantity.unit in (MeasureUnit.MONEY, MeasureUnit.NUMBER)
    is_told = concepts & {"change", "tonight", "fleet"} or any(_OURS.search(item.text) for item in items)
    is_asked = is_told and concepts & {"energy", "power", "power_price"}
    if not is_asked or not is_price or concepts - allowed:
        return None
    return CommandRequest("fleet", f"power {quantities[0].text}")


_MORE: Final = word_set("fleet_arguments", "more")
"""What says of machines that there are further ones."""
_ADDED_IN_CHINESE: Final = re.compile(r"我[^,，。]*有.*加上[。！!\s]*$")
"""The same verb joins two things where it doesn't end what is said."""


def power_told(scanned: ScannedText, concepts: set[str]) -> CommandRequest | None:
    """“la luz me sale a 11 céntimos”, “we pay 11 ct a kWh” as what sets it for the chat's machines.

    What a kWh costs is told, whose it is is not; a question or a tariff alone tells nothing.
    """
    quantities = quantities_of(scanned.items)
    is_asked = "?" in scanned.plain or _QUESTION.match(scanned.plain) is not None
    if is_asked or len(quantities) != 1 or not _is_tariff(quantities[0]) or concepts & _OF_MACHINES:
        return None
    pays = any(not _PAYS.isdisjoint((item.text, *item.text.split())) for item in scanned.items)
    named = {"change", "energy"} if pays else {"change"}
    return fleet_power(scanned.items, concepts - {"machine_price"} | named)


_OF_MACHINES: Final = frozenset({"profit", "which_machine", "how_many", "machine_unit", "count_word", "best"})
"""What is said of machines, which are asked about then."""
_PAYS: Final = word_set("fleet_arguments", "pays")
"""Who pays a price without saying for what, pays for power."""


def fleet_fee(items: Sequence[Item], concepts: set[str]) -> CommandRequest | None:
    """“pool fee 2%” as the command that would set the fee of the chat's machines."""
    quantities = quantities_of(items)
    quantity = quantities[0].quantity if len(quantities) == 1 else None
    is_share = quantity is not None and quantity.unit in (MeasureUnit.PERCENT, MeasureUnit.NUMBER)
    if "pool_fee" not in concepts or concepts - IGNORABLE - {
        "pool_fee",
        "change",
        "until",
        "fleet",
        "tonight",
    }:
        return None
    if quantity is None or not is_share or not 0 <= quantity.small <= _HIGHEST_FEE:
        return None
    return CommandRequest("fleet", f"fee {quantity.small:g}%")


def _is_kept(item: Item) -> bool:
    """True for the words that a list of machines needs."""
    return item.concept in ("energy", "power") or item.text in NUMBER_WORDS or item.text in AND_WORDS
