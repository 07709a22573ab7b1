"""The machines a text names, with the bin and the number of each."""

from itertools import pairwise
from typing import Final

from bot.mining.errors import Choice, InvalidQuestion
from bot.mining.limits import BOUNDS, check
from bot.mining.parsing.denied_machines import denied_machines
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.keywords import PLUS
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.parsing.roles import word_set
from bot.mining.parsing.running_costs import TOGETHER
from bot.mining.parsing.units import Currency


def read_machines(draft: QuestionDraft, *, goes_on: bool = False) -> None:
    """Take the machines with their bins and counts; a text that `goes_on` may name only another count."""
    _use_number_of_models(draft)
    are_added = _use_plus_between(draft)
    draft.adds_machines = are_added or _are_together(draft)
    counts: list[float | None] = []
    singles: list[bool] = []
    denied = denied_machines(draft)
    own_tariffs = [] if denied else _own_tariffs(draft)
    for index, item in enumerate(draft.items):
        if item.mention is None:
            continue
        item.used = True
        models = item.mention.models if item.mention.kind in ("model", "ask") else ()
        if item.mention.kind == "ask":
            models = _of_that_bin(draft, index, models) or _of_that_hashrate(draft, models)
        if len(models) != 1:
            raise _unclear_machine(draft, item)
        model = models[0]
        bin_ths = _read_bin(draft, index, model)
        if any(item is each for each in denied):
            continue
        _read_watts(draft, index, model)
        single = index > 0 and draft.items[index - 1].text.split()[-1] in _ONE
        count = _read_count(draft, index)
        same_model = None if own_tariffs else _same_model(draft, model, bin_ths)
        if same_model is None:
            draft.machines.append((model, bin_ths, item))
            counts.append(count)
            singles.append(single)
            continue
        if bin_ths is not None:
            draft.machines[same_model] = (model, bin_ths, item)
        if count is not None and counts[same_model] not in (None, count):
            draft.refuse_two("count")
        counts[same_model] = counts[same_model] or count
    _pass_over_cooling(draft)
    _read_other_bins(draft)
    _take_tariffs(draft, own_tariffs)
    if not draft.machines:
        _read_own_count(draft)
    if (len(draft.machines) == 1 or (goes_on and not draft.machines)) and (
        (count := (*counts, None)[0] or _read_count_apart(draft)) is not None
    ):
        draft.set_number("count", count)
    elif len(draft.machines) > 1 and (are_added or any(count is not None for count in counts)):
        draft.counts = [
            1.0 if count is None and (single or are_added) else count
            for count, single in zip(counts, singles, strict=True)
        ]


def _read_other_bins(draft: QuestionDraft) -> None:
    """“S19j Pro 100 vs 104”: another bin of the one machine named, compared with it."""
    if len(draft.machines) != 1 or draft.machines[0][1] is None:
        return
    model, _, named = draft.machines[0]
    for before, item in pairwise(draft.items):
        quantity = item.quantity
        if before.concept != "compare" or item.used or quantity is None or quantity.per:
            continue
        is_hashrate = quantity.unit in (MeasureUnit.NUMBER, MeasureUnit.THS, MeasureUnit.T)
        if is_hashrate and draft.catalogue.is_bin(model, quantity.small):
            draft.machines.append((model, quantity.small, named))
            item.used = before.used = True


def _same_model(draft: QuestionDraft, model: str, bin_ths: float | None) -> int | None:
    """The number of the machine that is named once more; None for another one."""
    for number, machine in enumerate(draft.machines):
        if machine[0] == model and (None in (machine[1], bin_ths) or machine[1] == bin_ths):
            return number
    return None


def _own_tariffs(draft: QuestionDraft) -> list[Item]:
    """The prices of power of several machines, each behind its own or each before it; none where they share
    one: “60 S19 at 6c plus 20 M20S at 9c”.
    """
    places = [index for index, item in enumerate(draft.items) if item.mention is not None]
    if len(places) < 2 or draft.concepts() & _OF_HOURS or draft.zone is not None:
        return []
    behind = zip(places, [*places[1:], len(draft.items)], strict=True)
    before = zip([0, *places[:-1]], places, strict=True)
    for spans in (behind, before):
        found = [[item for item in draft.items[start:end] if item.may_be_power_price] for start, end in spans]
        if all(len(prices) == 1 for prices in found):
            return [price for [price] in found]
    return []


def _take_tariffs(draft: QuestionDraft, prices: list[Item]) -> None:
    """Give each of several machines its own price of power."""
    if len(prices) != len(draft.machines):
        return
    for price in prices:
        if price.quantity is not None:
            draft.tariffs.append(draft.per_kwh(price, price.quantity))
            price.used = True
    for item in draft.items:
        if item.text in PLUS:
            item.used = draft.adds_machines = True


_OF_HOURS: Final = frozenset(
    {"peak", "off_peak", "rest", "surcharge", "heat", "hosting", "hosted", "what_if"}
)
"""What another price of a kWh may be of, beside machines."""


def _use_plus_between(draft: QuestionDraft) -> bool:
    """“two S21 + three T21”: whether plus signs stand between machines, which are added up then."""
    between = [
        index
        for index, item in enumerate(draft.items)
        if item.text in PLUS and _machine_beside(draft, index, -1) and _machine_beside(draft, index, 1)
    ]
    for index in between:
        draft.items[index].used = True
    return bool(between)


def _are_together(draft: QuestionDraft) -> bool:
    """True for “S21 and T21 together”, where nothing sets the one against the other."""
    is_choice = draft.concepts() & {"compare", "or", "best", "which_machine"}
    return not is_choice and TOGETHER.search(draft.scanned.plain) is not None


def _machine_beside(draft: QuestionDraft, index: int, step: int) -> bool:
    """True where a machine stands in a direction, behind its number or before its hashrate."""
    for place in range(index + step, index + _MOST_BESIDE * step, step):
        item = draft.items[place] if 0 <= place < len(draft.items) else None
        if item is None or item.mention is not None:
            return item is not None
        quantity = item.quantity
        is_own = quantity is not None and quantity.unit in _OF_A_MACHINE and not quantity.per
        is_word = item.concept in ("count_word", "machine_unit", "filler")
        if not (is_own or is_word or item.text == "x" or item.text in _ONE):
            return False
    return False


_OF_A_MACHINE: Final = (MeasureUnit.NUMBER, MeasureUnit.THS, MeasureUnit.T)
_MOST_BESIDE: Final = 4
"""Items up to a machine, itself among them, that its number, hashrate or a word for several may be."""
_COOLED_BY: Final = {
    "hydro": word_set("machine_mentions", "water_cooled"),
    "immersion": word_set("machine_mentions", "immersed"),
}


def _pass_over_cooling(draft: QuestionDraft) -> None:
    """“M63S water cooled”: how all the machines named are cooled anyway says no more."""
    cooled = {each.cooling for model, _, _ in draft.machines for each in draft.catalogue.bins(model)}
    if len(cooled) != 1:
        return
    words = _COOLED_BY.get(cooled.pop(), frozenset())
    for item in draft.items:
        if item.text in words:
            item.used = True


def _use_number_of_models(draft: QuestionDraft) -> None:
    """“s19、s19j pro、s21三款”, “three machines: S19, S21, M50”: how many models are named."""
    mentions = [index for index, item in enumerate(draft.items) if item.mention is not None]
    models = {draft.items[index].mention for index in mentions}
    if len(models) < 2:
        return
    for index, item in enumerate(draft.items[:-1]):
        following, behind = draft.items[index + 1], draft.items[index + 2 : index + 3]
        leads = index < mentions[0] and bool(behind) and behind[0].text == ":"
        sums_up = index == mentions[-1] + 1 and (following.text == "款" or not behind or _is_mark(behind[0]))
        of_models = following.concept in ("count_word", "machine_unit") and (leads or sums_up)
        if of_models and _is_count(item) and _count_of(item) == len(models):
            item.used = following.used = True


def _is_mark(item: Item) -> bool:
    return item.kind is ItemKind.SIGN and item.text in ",.;?!:"


def read_own_figures(draft: QuestionDraft) -> None:
    """“S19 3250W at $420 vs S21 at $2,600”: what stands behind one of several machines is its own."""
    mentions = [index for index, item in enumerate(draft.items) if item.mention is not None]
    if len(mentions) < 2 or len(draft.machines) != len(mentions):
        return
    ends = [*mentions[1:], len(draft.items)]
    for number, (start, end) in enumerate(zip(mentions, ends, strict=True)):
        for item in draft.items[start:end]:
            quantity = item.quantity
            if quantity is not None and not item.used and quantity.unit is MeasureUnit.WATTS:
                draft.powers_w[number] = quantity.large
                item.used = True
    prices = [
        [item for index, item in enumerate(draft.items[start:end], start) if _is_price(draft, index)]
        for start, end in zip(mentions, ends, strict=True)
    ]
    if all(len(each) == 1 for each in prices):
        for [item] in prices:
            assert item.quantity is not None  # noqa: S101 - a price is one; this tells the type checker
            draft.prices.append(draft.amount(item.quantity, own=True))
            item.used = True
        for item in draft.items:
            item.used = item.used or item.concept == "payback"


def _is_price(draft: QuestionDraft, index: int) -> bool:
    """True for an amount that a machine may cost."""
    item = draft.items[index]
    quantity = item.quantity
    if quantity is None or item.used or quantity.cents or quantity.signed:
        return False
    is_money = quantity.unit is MeasureUnit.MONEY or (quantity.unit is MeasureUnit.NUMBER and quantity.scaled)
    plain = quantity.unit is MeasureUnit.NUMBER and draft.introduced(index) and quantity.large >= 100.0
    return (
        (is_money or plain)
        and set(quantity.per) <= {"machine"}
        and quantity.currency is not Currency.BTC
        and 20.0 <= quantity.large <= 200_000.0
    )


def _read_count_apart(draft: QuestionDraft) -> float | None:
    """“I have 40 machines, all S19j Pro”: a number of machines that stands apart from their name."""
    if "how_many" in draft.concepts():
        return None  # it is asked for: “挖1个BTC要几台”
    for index, item in enumerate(draft.items[:-1]):
        following = draft.items[index + 1]
        if _is_count(item) and not following.used and following.concept in ("machine_unit", "count_word"):
            item.used = following.used = True
            return _checked(_count_of(item))
    return None


def _read_own_count(draft: QuestionDraft) -> None:
    """“4 x 270TH 3645W”."""
    for index, item in enumerate(draft.items[:-2]):
        times, figure = draft.items[index + 1], draft.items[index + 2]
        if _is_count(item) and times.text == "x" and figure.quantity is not None:
            draft.set_number("count", _count_of(item))
            item.used = times.used = True
            return


def _of_that_hashrate(draft: QuestionDraft, models: tuple[str, ...]) -> tuple[str, ...]:
    """Of the models that a name may be, those with a bin of the one hashrate that the text gives."""
    hashrates = {
        item.quantity.large
        for item in draft.items
        if item.quantity is not None and item.quantity.unit in (MeasureUnit.THS, MeasureUnit.T)
    }
    if len(hashrates) != 1:
        return models
    hashrate = hashrates.pop()
    return tuple(
        model
        for model in models
        if any(abs(each.hashrate_ths - hashrate) <= 0.01 * hashrate for each in draft.catalogue.bins(model))
    )


def _of_that_bin(draft: QuestionDraft, index: int, models: tuple[str, ...]) -> tuple[str, ...]:
    """Of the models that a name may be, the one with a bin of the number behind it: “S19 Hydro 158”."""
    behind = draft.items[index + 1 : index + 2]
    quantity = behind[0].quantity if behind else None
    if quantity is None or quantity.unit is not MeasureUnit.NUMBER or quantity.per or quantity.signed:
        return ()
    found = tuple(
        model
        for model in models
        if any(abs(each.hashrate_ths - quantity.small) < 1.0 for each in draft.catalogue.bins(model))
    )
    return found if len(found) == 1 else ()


def _unclear_machine(draft: QuestionDraft, item: Item) -> InvalidQuestion:
    """The refusal of an unclear machine, whose choices ask the whole question."""
    assert item.mention is not None  # noqa: S101 - the caller looked; this tells the type checker
    failure = draft.catalogue.refused(item.mention)
    choices = tuple(
        Choice(choice.label, draft.scanned.text_with(item, choice.text)) for choice in failure.choices
    )
    return InvalidQuestion(failure.says, failure.example, choices, failure.hint)


def _read_bin(draft: QuestionDraft, index: int, model: str) -> float | None:
    """The hashrate behind a model's name, which says which of its bins is meant."""
    position = index + 1
    while (
        position < len(draft.items)
        and draft.items[position].text in ("(", "-", ",", "@", "with", "mit", "de", "of", "von", "на")
        and (draft.items[position].text != "," or draft.items[position + 1 :][:1])
    ):
        position += 1
    if position >= len(draft.items):
        return None
    item = draft.items[position]
    quantity = item.quantity
    if quantity is None:
        return None
    if quantity.unit in (MeasureUnit.THS, MeasureUnit.T) and _keyword_beside(draft, position) is None:
        item.used = True
        return quantity.large
    separated = any(each.text in ",@" for each in draft.items[index + 1 : position])
    plain = (
        quantity.unit is MeasureUnit.NUMBER
        and not quantity.signed
        and not quantity.per
        and not quantity.scaled
    )
    if plain and not separated and draft.catalogue.is_bin(model, quantity.small):
        following = draft.items[position + 1] if position + 1 < len(draft.items) else None
        counts = following is not None and following.concept in ("count_word", "machine_unit")
        if following is None or not (counts or following.text in ("x", "=", "%")):
            item.used = True
            return quantity.small
    return None


def _read_watts(draft: QuestionDraft, index: int, model: str) -> None:
    """“S19 (95/3250)”: a number behind a slash that the machine may draw is its power."""
    for place in range(index + 1, min(index + 4, len(draft.items) - 1)):
        item, following = draft.items[place], draft.items[place + 1]
        quantity = following.quantity
        if item.text != "/" or quantity is None or quantity.unit is not MeasureUnit.NUMBER:
            continue
        if 0.5 <= quantity.large / draft.catalogue.pick(model).power_w <= 2.0:
            following.quantity = quantity._replace(unit=MeasureUnit.WATTS)
            item.used = True


def _keyword_beside(draft: QuestionDraft, index: int) -> str | None:
    """The meaning of a keyword right before or behind a quantity."""
    for step in (-1, 1):
        other = draft.item_beside(index, step)
        if other is not None and other.concept in ("hashrate", "network", "difficulty"):
            return other.concept
    return None


def _read_count(draft: QuestionDraft, index: int) -> float | None:
    """How many machines: “10 S19”, “10x S19”, “S19 x10”, “40 machines S19”; None where nothing says it."""
    position = index - 1
    times = False
    while position >= 0 and (
        draft.items[position].text in ("x", "of", "von", "de", "的", "款")
        or draft.items[position].concept in ("count_word", "machine_unit")
        or (draft.items[position].concept == "filler" and index - position <= _DESCRIBING)
    ):
        times = times or draft.items[position].text == "x"
        position -= 1
    before = draft.items[position] if position >= 0 else None
    described = any(item.concept == "filler" and len(item.text) > 2 for item in draft.items[position:index])
    if described and before is not None and (draft.introduced(position) or not before.text.isalnum()):
        before = None  # “at 7 my S19”: what the power costs
    plural = times or any(item.concept == "count_word" for item in draft.items[position:index])
    if before is not None and not plural and before.text in _YEARS:
        before = None  # “in a 2019 machine”
    if before is not None and _is_count(before) and not _is_price_level(draft, position):
        for item in draft.items[position:index]:
            item.used = True
        return _checked(_count_of(before))
    position = index + 1
    while (
        position < len(draft.items)
        and draft.items[position].used
        and draft.items[position].quantity is not None
    ):
        position += 1
    rest = draft.items[position : position + 2]
    if len(rest) == 2 and rest[0].text == "x" and _is_count(rest[1]):
        rest[0].used = rest[1].used = True
        return _checked(_count_of(rest[1]))
    if (
        len(rest) == 2
        and _is_count(rest[0])
        and (rest[1].text == "x" or rest[1].concept in ("count_word", "machine_unit"))
    ):
        rest[0].used = rest[1].used = True
        return _checked(_count_of(rest[0]))
    return None


def _is_price_level(draft: QuestionDraft, index: int) -> bool:
    """True for a large number that is said of something else: “if bitcoin drops to 60k s19 7c”."""
    before = draft.items[index - 1] if index else None
    return (
        before is not None
        and _count_of(draft.items[index]) >= _LARGE_COUNT
        and (
            before.text in _ARRIVALS or before.concept in ("btc", "btc_price", "price", "difficulty", "move")
        )
    )


_ONE: Final = word_set("machine_mentions", "one")
_YEARS: Final = frozenset(str(year) for year in range(2011, 2036))
_DESCRIBING: Final = 3
"""Words that may stand between a number of machines and their name: “5 brand new S21”."""
_LARGE_COUNT: Final = 1_000.0
_ARRIVALS: Final = word_set("machine_mentions", "arrivals")


def _checked(count: float) -> float:
    return check("count", count) if "count" in BOUNDS else count


def _is_count(item: Item) -> bool:
    quantity = item.quantity
    return (
        quantity is not None
        and not item.used
        and quantity.unit is MeasureUnit.NUMBER
        and not quantity.signed
        and not quantity.per
        and quantity.large < 1e12
        and quantity.large == int(quantity.large)
    )


def _count_of(item: Item) -> float:
    return item.quantity.large if item.quantity is not None else 1.0
