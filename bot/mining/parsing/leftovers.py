"""What of a question no reading has used: passed over where it says no more, else asked about."""

import re
from typing import Final

from bot.mining.parsing.clarifications import (
    about_mode,
    about_past,
    open_word,
    unplaced,
    which_zone,
    worth_of_heat,
)
from bot.mining.parsing.currency_reader import without_rate
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.left_out import left_out
from bot.mining.parsing.measures import Measure, MeasureUnit
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.parsing.roles import word_set
from bot.mining.parsing.units import Money
from bot.mining.question import Focus

_IGNORED_SIGNS: Final = frozenset("?!.,;:()\"'¿¡~@|…/-=&<>[]{}·`«»„")
_SOFT: Final = frozenset(
    {"filler", "profit", "breakeven", "breakeven_btc", "breakeven_power", "breakeven_difficulty",
    "payback", "sats"}
    | {"power", "price", "btc_price", "btc", "machine_unit", "count_word", "per", "day", "to", "by",
        "and", "if"}
    | {"keep_on", "shut_off", "how_many", "money_out", "machine_price", "greeting", "thanks", "network",
        "kwh"}
    | {"which_machine", "when", "or", "compare", "cost_to_mine", "hashcost", "consumption", "half_of", "help",
        "until", "fpps", "list", "hashrate", "included", "limit", "hosted", "running_cost",
        "only", "all_included", "selling", "connection"}
)  # fmt: skip
"""Meanings that need not be used in a breakeven question: they ask it, or only dress it."""


def check_leftovers(draft: QuestionDraft, allowed: frozenset[str] = frozenset()) -> None:
    """Raise InvalidQuestion for the first thing that was not used and may not be passed over."""
    for item in draft.items:
        if item.concept == "no_rate" and not item.used:
            raise without_rate(item.text)
    market = _market(draft)
    if market and not _reads_negative_market(draft):
        raise which_zone(draft.scanned, market)
    for item in draft.items:
        if item.used:
            continue
        if item.quantity is not None:
            if _is_year(item.quantity):
                raise about_past(draft.scanned, [item], offer=draft.names_machine)
            raise unplaced(draft.scanned, item)
        if item.kind is ItemKind.SIGN and item.text not in _IGNORED_SIGNS and item.text.isascii():
            raise open_word(draft.scanned, [item], offer=draft.names_machine)
    past = [item for item in draft.items if item.concept == "past" and not item.used]
    if past:
        raise about_past(draft.scanned, past, offer=draft.names_machine)
    allowed |= _passed_over(draft) | {"spot"}  # which was asked about before
    unknown = [
        item
        for index, item in enumerate(draft.items)
        if not item.used
        and (
            item.kind is ItemKind.UNKNOWN
            or (item.kind is ItemKind.WORD and item.concept not in _SOFT and item.concept not in allowed)
            or _comes_to_nothing(draft, index)
        )
    ]
    said = words_left_out(draft)
    unknown = [item for item in unknown if not any(item is each for each in said)]
    if unknown:
        mode = [item for item in unknown if item.concept == "mode"]
        if mode:
            raise about_mode(draft.scanned, mode, offer=draft.names_machine)
        if {item.concept for item in unknown} <= {"heat", "compare"} and "heat" in draft.concepts():
            raise worth_of_heat(draft.scanned, unknown, offer=draft.names_machine)
        raise open_word(draft.scanned, unknown, offer=draft.names_machine)


def _market(draft: QuestionDraft) -> list[Item]:
    return [item for item in draft.items if item.concept == "spot" and not item.used]


def _reads_negative_market(draft: QuestionDraft) -> bool:
    """True for “-4c, the spot price is negative”, whose words are taken: the figure is the market's price."""
    price = draft.money.get("power_price")
    said = [item for item in draft.items if _NEGATIVE.search(item.text)]
    if price is None or price.amount >= 0.0 or draft.zone is not None or not said:
        return False
    for item in said:
        item.used = True
    return True


_NEGATIVE: Final = re.compile(r"negativ|отрицательн|负价|負|为负|负")


def words_left_out(draft: QuestionDraft) -> tuple[Item, ...]:
    """What an answer leaves out and says so; in a command, and where no price is known, every word counts."""
    if _market(draft):
        _reads_negative_market(draft)  # a word beside “negative” is left out, and said to be
    return left_out(draft.scanned) if draft.names_power_price and not draft.strict else ()


def _comes_to_nothing(draft: QuestionDraft, index: int) -> bool:
    """True for what asks for more than was found: a comparison with something else, the limit of nothing."""
    item = draft.items[index]
    if item.kind is not ItemKind.WORD:
        return False
    if item.concept == "filler" and index and draft.items[index - 1].concept == "per":
        # “per decade”, which is no other word, “per village”
        return item.is_guess or (item.is_ordinary and draft.items[index - 1].text in _OF_EACH)
    if item.concept == "only":  # “only when bitcoin is above 100k”
        behind = draft.items[index + 1] if index + 1 < len(draft.items) else None
        return item.text.split()[-1] in ("if", "when") or (
            behind is not None and behind.concept in ("when", "if")
        )
    if item.concept == "all_included":  # “the power is flat”, without what it costs so
        return not draft.names_power_price and not draft.names_running_cost
    if item.concept == "connection":  # “how many S19 on 30 amps”, “can I run 3 S21 on a 50 A breaker?”
        return draft.circuit is None and _is_circuit_asked(draft)
    if item.concept == "how_many" and draft.focus is Focus.PROFIT and "count" not in draft.numbers:
        return draft.site_power_w is None and _is_of_machines(draft, index)
    if item.concept == "compare":
        is_answered = draft.focus is Focus.HASHCOST and "hashprice" in draft.concepts()
        return len(draft.machines) < 2 and "shut_off" not in draft.concepts() and not is_answered
    if item.concept == "consumption":  # “what energy goes into one bitcoin?”
        return draft.focus not in (Focus.ENERGY, Focus.ENERGY_PER_BTC, Focus.PROFIT)
    if item.concept == "or" and draft.names_power_price and draft.names_running_cost:
        return _stands_between_amounts(draft, index)
    if item.concept == "limit" and draft.site_power_w is not None:
        return False  # “the most S19 XP on 500 kW”
    if item.concept == "limit" and draft.focus is Focus.PROFIT:
        beside = (draft.item_beside(index, step) for step in (-1, 1))
        return not any(each is not None and each.quantity is not None for each in beside)
    return False


def _is_circuit_asked(draft: QuestionDraft) -> bool:
    """True where it is asked what a connection carries."""
    if "how_many" in draft.concepts() or _CAN_RUN.search(draft.scanned.plain):
        return True
    return any(_CIRCUIT.search(each.text) for each in draft.items)


def _stands_between_amounts(draft: QuestionDraft, index: int) -> bool:
    """True for “15c at home or hosting at 80$ a month”: one or the other, not both."""
    beside = (draft.items[:index][::-1], draft.items[index + 1 :])
    nearest = (next((each for each in side if each.quantity or each.mention), None) for side in beside)
    return all(
        each is not None and each.quantity is not None and each.quantity.unit is MeasureUnit.MONEY
        for each in nearest
    )


_CAN_RUN: Final = re.compile(
    r"\b(?:can|could) (?:i|you|we|one|it|an?|the)\b.{0,24}\b(?:run|plug|work|use)"
    r"|\bwill .{0,16}\b(?:run|work) (?:on|off|at)\b"
    r"|\bkann (?:ich|man)\b.{0,24}\b(?:an|mit|betreiben|laufen)|\b(?:läuft|laeuft) .{0,24}\b(?:an|mit|auf) \d"
    r"|\b(?:puedo|se puede)\b.{0,24}\b(?:usar|enchufar|conectar|correr)|\bможно ли\b|能不能用|可以用|能用"
)
"""How it is asked whether a connection will do."""
_OF_EACH: Final = word_set("leftovers", "of_each")
"""Words for each of something that are no article."""

_CIRCUIT: Final = re.compile(
    r"breaker|circuit|\bfuse|outlet|sicherung|steckdose|disyuntor|interruptor|enchufe|tomacorriente|автомат|розетк"
    r"|пробк|空开|插座|断路器"
)
"""What a machine is connected to."""


def _is_of_machines(draft: QuestionDraft, index: int) -> bool:
    """True for a number of machines that is asked for: “how many S21 for my rent?”."""
    behind = [each for each in draft.items[index + 1 :] if each.concept not in ("filler", "per")]
    return not behind or behind[0].mention is not None or behind[0].concept in ("count_word", "machine_unit")


_GOING: Final = word_set("leftovers", "going")

_THAT_MOVES: Final = frozenset(
    {
        "btc",
        "btc_price",
        "price",
        "hashprice",
        "hashrate",
        "network",
        "difficulty",
        "fees",
        "subsidy",
        "halving",
    }
    | {"if", "what_if", "up", "down", "gone", "come"}
)
"""What may move, and how a move is supposed: where none is named, nothing goes anywhere."""


def _is_price_of_hosting(draft: QuestionDraft) -> bool:
    """True for “hosting deal: S21 at 7.8 cents per kWh”: the price behind the word is the host's."""
    words = [index for index, item in enumerate(draft.items) if item.concept == "hosting" and not item.used]
    if len(words) != 1 or any(item.may_be_power_price for item in draft.items[: words[0]]):
        return False  # “7c plus hosting”: what that costs isn't said
    return any(item.may_be_power_price and item.used for item in draft.items[words[0] + 1 :])


def _passed_over(draft: QuestionDraft) -> frozenset[str]:
    """Meanings that change nothing because of what else is said."""
    focus = draft.focus
    meanings = _asked_of(draft, focus)
    if draft.gives_figures:
        meanings |= {"mode", "chart"}  # how the machine runs, and draws, is in the figures
    if draft.names_power_price:
        meanings |= {"place", "feed_in"}  # where it runs, and what else the power fetches, is in its price
    if _is_price_of_hosting(draft):
        meanings.add("hosting")
    if "btc_price" in draft.money:
        meanings.add("move")  # “bitcoin stays at 100k”
    if not draft.concepts() & _THAT_MOVES:
        for item in draft.items:  # “the shed gets power at 6c”, “geht da noch was?”
            item.used = item.used or (item.concept == "move" and item.text in _GOING)
    if "machine_price" in draft.money:
        meanings.add("selling")  # “a friend sells me an S21 for 900”
    if focus is Focus.BTC_PRICE or ("limit" in draft.concepts() and focus is not Focus.PROFIT):
        meanings |= {"up", "down", "move"}  # “how low may bitcoin fall”
    if focus in (Focus.ENERGY, Focus.ENERGY_PER_BTC):
        meanings |= {"chart", "gone"}  # “how much does it draw?”, “сколько уходит?”
    if "heat_credit" in draft.money or draft.money.get("power_price", Money(1.0)).amount == 0.0:
        meanings.add("heat")  # “it heats the bath, gas is 11 ct”
    if focus is Focus.HASHCOST:
        meanings.add("hashprice")
    if focus is Focus.PROFIT:
        meanings |= {"after_retarget"}  # the answer says that profit too
    return frozenset(meanings)


def _asked_of(draft: QuestionDraft, focus: Focus) -> set[str]:
    """Meanings that say no more than what is asked for or given anyway."""
    meanings: set[str] = set()
    if draft.zone is not None:
        meanings.add("tomorrow")  # whose prices are known by then
    if focus in (Focus.POWER_PRICE, Focus.BTC_PRICE, Focus.DIFFICULTY, Focus.HASHCOST):
        meanings |= {"below", "above"}  # “below which price”
    if "pool_fee" in draft.numbers:
        meanings.add("pool_fee")  # “the pool pays FPPS minus 4 %”
    if {"watch", "alert"} & draft.concepts() and draft.machines:
        meanings |= {"watch", "alert", "stop", "when", "below", "negation"}
    return meanings


def _is_year(quantity: Measure) -> bool:
    return quantity.unit is MeasureUnit.NUMBER and 1990 <= quantity.large <= 2100 and not quantity.scaled
