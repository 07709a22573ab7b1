"""The one reader of questions: every item of a text is used for the answer, or asked about."""

import re
from itertools import pairwise
from typing import Final

from bot.i18n.message import N_
from bot.mining.errors import Choice, InvalidQuestion, verbatim
from bot.mining.machine_names import short_name
from bot.mining.machines import Catalogue
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.circuits import without_circuit
from bot.mining.parsing.clarifications import (
    about_mode,
    about_past,
    hours_of_peak,
    label,
    open_word,
    unplaced,
    which_zone,
)
from bot.mining.parsing.currency_reader import without_rate
from bot.mining.parsing.heat_savings import read_heat_saving
from bot.mining.parsing.horizon import read_horizon
from bot.mining.parsing.items import Item, ItemKind, scan
from bot.mining.parsing.keyed_values import read_pairs
from bot.mining.parsing.keywords import read_keywords
from bot.mining.parsing.left_out import left_out
from bot.mining.parsing.lexicon import DECIMAL_COMMA
from bot.mining.parsing.machine_mentions import read_machines
from bot.mining.parsing.machine_worth import refuse_worth
from bot.mining.parsing.makers import read_makers
from bot.mining.parsing.measures import Measure, MeasureUnit
from bot.mining.parsing.named_figures import read_moved_hashprice
from bot.mining.parsing.own_machine_parser import with_own_machines
from bot.mining.parsing.periods import period_within
from bot.mining.parsing.plain_figures import read_price_per_th, read_units
from bot.mining.parsing.power_figures import (
    read_generation_cost,
    read_paid_to_take,
    read_subtracted,
    read_units_ahead,
)
from bot.mining.parsing.profit_shares import refuse_profit_share
from bot.mining.parsing.question_draft import PERIODS_ASKED, QuestionDraft
from bot.mining.parsing.rigs import rig_of
from bot.mining.parsing.roles import word_set
from bot.mining.parsing.running_costs import check_shared, read_instalments
from bot.mining.parsing.running_hours import read_daily_hours
from bot.mining.parsing.scenario_moves import mark_additions, mark_recoveries
from bot.mining.parsing.site_power import count_fed, refuse_site_alone
from bot.mining.parsing.tariff_hours import other_price, read_hours
from bot.mining.parsing.units import Currency, Money
from bot.mining.parsing.weekdays import read_weekdays
from bot.mining.parsing.zone_tariff import without_zone
from bot.mining.question import Focus, PeakPrice, Question

REFERENCE: Final = "Antminer S21"
"""The machine reckoned with when a supposition names none."""
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


_MAY_BE_MISSING: Final = frozenset(
    {"pool_fee", "power", "hosting", "debt", "fixed", "surcharge", "heat", "fees", "solo"}
)
"""What “no” may stand before; a price without tax is asked about, since the tax is then to be paid too."""


def parse_command(
    text: str, catalogue: Catalogue, *, language: str = "en", currency: Currency | None = None
) -> Question:
    """The question in what follows `/breakeven`. Raises InvalidQuestion when it is none.

    `language` and `currency` are the chat's.
    """
    draft = read(text, catalogue, Asker(language, currency), strict=True)
    if len(draft.machines) > 1:
        raise two_machines(draft)
    question = question_of(draft)
    check_leftovers(draft)
    return question


def read(text: str, catalogue: Catalogue, asker: Asker, *, strict: bool) -> QuestionDraft:
    """Read a text. Raises InvalidQuestion for what contradicts itself or can't be."""
    draft = draft_of(text, catalogue, asker, strict=strict)
    read_machines(draft)
    read_rest(draft)
    return draft


def draft_of(text: str, catalogue: Catalogue, asker: Asker, *, strict: bool) -> QuestionDraft:
    """Cut what somebody typed into items, with their own machines, decimals and power market."""
    named, zone = without_zone(with_own_machines(text, asker.machines))
    named, circuit = without_circuit(named)
    scanned = scan(named, catalogue, asker.language, decimal_comma=asker.language in DECIMAL_COMMA)
    draft = QuestionDraft(scanned, catalogue, asker, strict=strict)
    draft.zone = zone
    if circuit is not None:
        draft.circuit, draft.site_power_w = circuit, circuit.continuous_w
    draft.makers = read_makers(draft.items)
    read_units_ahead(draft)
    read_subtracted(draft)
    read_paid_to_take(draft)
    read_generation_cost(draft)
    read_moved_hashprice(draft)
    read_instalments(draft)
    mark_recoveries(draft.items)
    mark_additions(draft.items)
    return draft


def read_rest(draft: QuestionDraft) -> None:
    """Take everything but the machines."""
    refuse_worth(draft)
    read_hours(draft)
    read_weekdays(draft)
    read_daily_hours(draft)
    read_horizon(draft)
    _read_nothing_more(draft)
    read_pairs(draft)
    _read_one_bitcoin(draft)
    refuse_profit_share(draft)
    read_heat_saving(draft)
    read_price_per_th(draft)
    read_keywords(draft)
    read_units(draft)
    _read_free_power(draft)
    _read_included(draft)
    _read_answer_options(draft)
    if draft.focus is Focus.DIFFICULTY:
        for item in draft.items:
            item.used = item.used or item.concept in ("difficulty", "network", "hashrate")


def _read_free_power(draft: QuestionDraft) -> None:
    """“free electricity”, “no pool fee”."""
    for index, item in enumerate(draft.items):
        if item.kind is not ItemKind.WORD or item.used:
            continue
        if item.concept == "negation":
            following = next((each for each in draft.items[index + 1 :] if each.concept != "filler"), None)
            if following is not None and (following.quantity is not None or following.mention is not None):
                raise open_word(draft.scanned, [item], offer=draft.names_machine)
            item.used = True  # “not profitable any more?” asks the same
        if item.concept == "free":
            item.used = True
            draft.set_money("power_price", Money(0.0))
        if item.concept == "no":
            keyword = draft.item_beside(index, 1)
            said_twice = keyword is not None and (
                keyword.concept in (*draft.numbers, *draft.money)
                or any(other is not keyword and other.concept == keyword.concept for other in draft.items)
            )
            if keyword is None or keyword.used or keyword.concept not in _MAY_BE_MISSING or said_twice:
                raise open_word(draft.scanned, [item], offer=draft.names_machine)
            item.used = keyword.used = True
            if keyword.concept == "power":
                draft.set_money("power_price", Money(0.0))


_MAY_BE_INCLUDED: Final = frozenset({"hosting", "hosted", "fixed", "running_cost", "pool_fee", "overhead"})


def _read_nothing_more(draft: QuestionDraft) -> None:
    """“0.055 hosting included”: the price has it already, so nothing more is paid for it."""
    for index, item in enumerate(draft.items):
        if item.concept != "included" or item.used:
            continue
        for step in (-1, 1):
            named = draft.item_beside(index, step)
            if named is not None and not named.used and named.concept in _MAY_BE_INCLUDED:
                amount = draft.item_beside(draft.items.index(named), step) if step > 0 else None
                if amount is None or amount.quantity is None:
                    item.used = named.used = True
                    break


def _read_included(draft: QuestionDraft) -> None:
    """“hosting 75 USD a month, power included”: nothing more is paid for it, nor for taxes in a tariff."""
    meanings = {"tax", "surcharge"} if draft.names_power_price else {"power"}
    if not draft.names_running_cost and not draft.names_power_price:
        return
    for index, item in enumerate(draft.items):
        if item.concept == "all_included" and draft.names_running_cost and not draft.names_power_price:
            item.used = True
            draft.set_money("power_price", Money(0.0))
        if item.concept != "included" or item.used:
            continue
        before = draft.item_beside(index, -1)
        behind = draft.item_beside(index, 1)
        for named in (before, behind):
            if named is None or named.used or named.concept not in meanings:
                continue
            item.used = named.used = True
            if named.concept == "power":
                draft.set_money("power_price", Money(0.0))
                return


def _read_one_bitcoin(draft: QuestionDraft) -> None:
    """“what does it cost to mine 1 bitcoin”, “what does one mined bitcoin cost”."""
    if draft.focus is not Focus.COST:
        return
    telling = [item for item in draft.items if item.concept != "filler"]
    for item, following in pairwise(telling):
        if item.quantity is not None and item.quantity.small == 1.0 and following.concept == "btc":
            item.used = True


def _read_downtime(draft: QuestionDraft) -> None:
    """“what does a day of downtime cost me?”, “час простоя”: what is earned in that time."""
    for index, item in enumerate(draft.items):
        if item.concept != "downtime" or item.used:
            continue
        for step in (-1, 1):
            span = draft.item_beside(index, step)
            if span is not None and span.concept in ("hour", "day", *PERIODS_ASKED) and not span.used:
                item.used = span.used = True
                draft.period = span.concept


def _read_hour(draft: QuestionDraft) -> None:
    """“profit per hour”, “how much do I lose in an hour?”."""
    for index, item in enumerate(draft.items):
        if item.used or item.concept != "hour" or not _is_asked_of_an_hour(draft, index):
            continue
        item.used, draft.period = True, "hour"
        for each in draft.items:
            each.used = each.used or each.concept in ("downtime", "shut_off", "down")


def _read_answer_options(draft: QuestionDraft) -> None:
    """How to answer: per month, in euro, solo."""
    _read_downtime(draft)
    _read_hour(draft)
    for index, item in enumerate(draft.items):
        if item.kind is ItemKind.WORD and (period := period_within(item.text)) and _asks_within(item):
            if draft.period not in ("day", period):
                raise open_word(draft.scanned, [item], offer=draft.names_machine)
            draft.period = period
        if item.used or item.kind is not ItemKind.WORD:
            continue
        if item.concept in PERIODS_ASKED and draft.focus is Focus.PAYBACK:
            item.used = True  # “how many months until it has paid for itself”
        elif item.concept in PERIODS_ASKED:
            if draft.period not in ("day", item.concept):
                raise open_word(draft.scanned, [item], offer=draft.names_machine)
            item.used, draft.period = True, item.concept
        elif item.concept in ("solo", "pplns", "fpps"):
            draft.set_scheme(item)
        elif (item.currency is not None and item.concept in ("currency", "btc")) or (
            item.concept == "filler" and item.currency is not None
        ):
            if index and draft.items[index - 1].text in _ONE:
                continue  # “wenn Bitcoin ein Euro kostet”: an amount
            if item.concept == "btc" and (index == 0 or draft.items[index - 1].text not in ("in", "en", "в")):
                continue
            if draft.currency not in (None, item.currency):
                raise open_word(draft.scanned, [item], offer=draft.names_machine)
            draft.currency, item.used = item.currency, True


_ONE: Final = word_set("question_parser", "one")
"""Words that make one of a currency behind them."""


def _asks_within(item: Item) -> bool:
    """True for a meaning that may say of what span of time it is asked: “btc per month”, “Jahresgewinn”."""
    return item.concept in ("profit", "sats", "consumption")


_HOURS: Final = word_set("question_parser", "hours")
_IN_AN: Final = frozenset({"per", "money_out", "by"})


def _is_asked_of_an_hour(draft: QuestionDraft, index: int) -> bool:
    """True for “per hour”, “an hour of downtime”; not for a number of hours, or an hour of the day."""
    item = draft.items[index]
    before = draft.items[index - 1] if index else None
    is_named = before is not None and (before.concept in _IN_AN or before.concept == "price")
    return item.text in _HOURS and (is_named or item.text in ("hourly", "stündlich", "ежечасно"))


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
    said = _left_out(draft)
    unknown = [item for item in unknown if not any(item is each for each in said)]
    if unknown:
        mode = [item for item in unknown if item.concept == "mode"]
        if mode:
            raise about_mode(draft.scanned, mode, offer=draft.names_machine)
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


def _left_out(draft: QuestionDraft) -> tuple[Item, ...]:
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
        return len(draft.machines) < 2 and "shut_off" not in draft.concepts()
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
    return "how_many" in draft.concepts() or any(_CIRCUIT.search(each.text) for each in draft.items)


def _stands_between_amounts(draft: QuestionDraft, index: int) -> bool:
    """True for “15c at home or hosting at 80$ a month”: one or the other, not both."""
    beside = (draft.items[:index][::-1], draft.items[index + 1 :])
    nearest = (next((each for each in side if each.quantity or each.mention), None) for side in beside)
    return all(
        each is not None and each.quantity is not None and each.quantity.unit is MeasureUnit.MONEY
        for each in nearest
    )


_OF_EACH: Final = word_set("question_parser", "of_each")
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


_GOING: Final = word_set("question_parser", "going")
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
        meanings.add("place")  # where it runs matters only for what power costs there
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


def question_of(draft: QuestionDraft, machine: tuple[str, float | None] | None = None) -> Question:
    """The question for the machine named, or for this one of several. Raises InvalidQuestion."""
    if machine is None:
        refuse_site_alone(draft)
    rig, scaled, disputed = rig_of(draft, machine)
    peaks = tuple(draft.peaks)
    if "peak_price" in draft.money:
        if draft.hours is None:
            raise hours_of_peak()
        peaks = (PeakPrice(draft.money["peak_price"], *draft.hours, draft.peak_days),)
    elif draft.hours is not None:
        raise other_price(draft)
    if {"hashprice", "btc_price"} <= draft.money.keys():
        raise InvalidQuestion(  # of a hashprice, bitcoin's price is what makes it so
            lambda t: t("A hashprice has its bitcoin price already; give one of the two."),
            "/breakeven s19 7c hashprice=45$",
        )
    if draft.zone is not None and "power_price" in draft.money:
        raise InvalidQuestion(
            lambda t: t("I read two different {figures}; give one.", figures=t(N_("power prices"))),
            "/breakeven s19 DE-LU+3c",
        )
    if "heat_credit" in draft.money and not _is_heat_cheaper(draft):
        heat = next(item for item in draft.items if item.concept == "heat")
        raise open_word(draft.scanned, [heat], offer=False)  # either amount may be what power costs
    if draft.is_hosted and not draft.names_power_price and not draft.keeps_tariff:
        raise _is_power_included(draft)
    number = draft.numbers.get
    fed = count_fed(draft, rig)
    count = int(draft.numbers.get("count", 1)) if fed is None else fed
    check_shared(draft, draft.total_count or count)
    return Question(
        rig=rig,
        power_price=draft.money.get("power_price"),
        btc_price=draft.money.get("btc_price"),
        hashprice=draft.money.get("hashprice"),
        pool_fee=draft.numbers.get("pool_fee", 0.0),
        uptime=draft.numbers.get("uptime", 1.0),
        overhead=draft.numbers.get("overhead", 1.0),
        fixed_cost=draft.money.get("fixed_cost"),
        shared_cost=draft.money.get("shared_cost"),
        machine_price=draft.money.get("machine_price"),
        difficulty=number("difficulty"),
        network_hashrate_ehs=number("network_hashrate_ehs"),
        block_subsidy_btc=number("block_subsidy_btc"),
        fees_btc_per_block=number("fees_btc_per_block"),
        focus=draft.focus,
        scaled=scaled,
        count=count,
        site_power_w=draft.site_power_w,
        circuit=draft.circuit,
        period=draft.period,
        peaks=peaks,
        surcharge=draft.money.get("surcharge"),
        power_tax=draft.numbers.get("power_tax", 0.0),
        heat_credit=draft.money.get("heat_credit"),
        scheme=draft.scheme,
        currency=draft.currency,
        cents_assumed=draft.cents_assumed,
        disputed=disputed,
        zone=draft.zone,
        left_out=tuple(item.text for item in _left_out(draft)),
        sums_costs=draft.sums_costs,
    )


def _is_heat_cheaper(draft: QuestionDraft) -> bool:
    """True where heat is worth no more than the power it is made of, whose price is given."""
    heat, power = draft.money["heat_credit"], draft.money.get("power_price")
    near = {Currency.USD, Currency.EUR, Currency.GBP, Currency.CHF}
    if power is None:
        return False
    comparable = power.currency is heat.currency or {power.currency, heat.currency} <= near
    return not comparable or heat.amount <= power.amount


def _is_power_included(draft: QuestionDraft) -> InvalidQuestion:
    """Whether hosting for so much a month includes the power, when nothing says what a kWh costs."""
    text = draft.scanned.text_without([])
    return InvalidQuestion(
        lambda t: t("Does the hosting include the power?"),
        "/breakeven s21 hosting 90$/month power included",
        (
            Choice(label(N_("Power included")), f"{text}, power included"),
            Choice(verbatim("+ 7c/kWh"), f"{text} 7c"),
        ),
    )


def two_machines(draft: QuestionDraft) -> InvalidQuestion:
    """The refusal of several machines where one is asked for."""
    names = tuple(model for model, _, _ in draft.machines)
    return InvalidQuestion(
        lambda t: t(
            "You named {n} machines ({names}); ask for one, or use /fleet.",
            n=len(names),
            names=", ".join(names),
        ),
        choices=tuple(Choice(verbatim(name), short_name(name)) for name in names[:3]),
    )
