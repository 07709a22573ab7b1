"""Suppositions in a text: “what if a tenth of the hashrate leaves”, `price=-20%`, “after the halving”."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from bot.mining.errors import InvalidQuestion
from bot.mining.limits import check
from bot.mining.parsing.clarifications import doubtful, open_word
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.keywords import ANY_FEES
from bot.mining.parsing.measures import Measure, MeasureUnit
from bot.mining.parsing.question_draft import QuestionDraft
from bot.mining.parsing.repetitions import read_repetition, repeated
from bot.mining.parsing.roles import word_set
from bot.mining.parsing.scenario_moves import (
    ARRIVALS,
    FALLS,
    MINUS,
    PLUS,
    RISES,
    is_loss,
    is_move,
    is_named,
    loses_too,
    mover,
    nearest,
    sign_before,
    to_before,
)
from bot.mining.parsing.units import Currency
from bot.mining.scenario import EXAMPLE, KEYS, Scenario, ScenarioChange

_SUBJECTS: Final[Mapping[str, str]] = {
    "btc": "price", "btc_price": "price", "price": "price", "breakeven_btc": "price", "hashrate": "hashrate",
    "network": "hashrate", "count_word": "hashrate", "machine_unit": "hashrate", "difficulty": "difficulty",
    "breakeven_difficulty": "difficulty",
    "fees": "fees", "pool_fee": "fees", "power": "power", "breakeven_power": "power",
}  # fmt: skip
SUBJECTS: Final = frozenset(_SUBJECTS)
"""Meanings of what can be supposed to be different."""
MOVES: Final = frozenset({"up", "down", "gone", "come", "cheaper", "dearer", "move", "what_if"})
"""Meanings by which something is said to be different."""
_KEY_WORDS: Final[Mapping[str, str]] = {
    "price": "price", "btc": "price", "btc-price": "price", "hashrate": "hashrate", "power": "power",
    "power-price": "power", "fees": "fees", "block-fees": "fees", "difficulty": "difficulty",
    "halving": "halving",
}  # fmt: skip
_SHARES: Final = {
    "half": 0.5, "third": 1 / 3, "quarter": 0.25, "fifth": 0.2, "tenth": 0.1, "two_thirds": 2 / 3,
    "three_quarters": 0.75,
}  # fmt: skip
_BY: Final = word_set("scenario_parser", "by")
_STARTS: Final = frozenset({"if", "what_if", "and", "or"})
_CONTRASTING: Final = word_set("scenario_parser", "contrasting")
_YES: Final = {
    "yes": True,
    "ja": True,
    "sí": True,
    "si": True,
    "да": True,
    "是": True,
    "no": False,
    "nein": False,
}


def read_scenario(draft: QuestionDraft, *, keys: bool) -> Scenario:
    """Take what a text supposes out of it. `keys` is `/whatif`, where every `key=value` is supposed.

    Raises InvalidQuestion for a supposition that can't be.
    """
    changes: dict[str, ScenarioChange] = {}
    halving = _read_pairs(draft, changes, keys=keys)
    concepts = draft.concepts()
    supposes = bool(concepts & {"what_if"})
    count = read_repetition(draft.items)
    _name_difficulty(draft.items)
    hashprices = _name_hashprice(draft.items)
    for item in draft.items:
        if item.concept in ("halving", "after_halving") and not item.used:
            item.used = halving = True
    for segment in _with_shared_moves(_segments(draft.items)):
        _read_segment(draft, segment, changes, supposes=supposes)
    if not repeated(changes, count):
        raise nothing_supposed()
    return Scenario(
        price=changes.get("price"),
        hashrate=changes.get("hashrate"),
        power=changes.get("power"),
        fees=changes.get("fees"),
        difficulty=changes.get("difficulty"),
        halving=halving,
        of_hashprice=_is_of_hashprice(hashprices),
    )


def _name_hashprice(items: Sequence[Item]) -> list[Item]:
    """“hashprice drops 20 %”: at one difficulty it moves as bitcoin's price does, which is supposed."""
    named = []
    for index, item in enumerate(items):
        near = [*items[max(0, index - _NEAR_A_MOVE) : index], *items[index + 1 : index + 1 + _NEAR_A_MOVE]]
        moved = any(is_move(each) or each.concept in _TIMES for each in near)
        is_change = any(
            each.quantity is not None
            and each.is_share
            and (moved or each.quantity.signed or before.text in PLUS | MINUS)
            for before, each in pairwise([item, *near])
        ) or any(each.concept in (*_TIMES, *_SHARES) for each in near)
        if item.concept == "hashprice" and not item.used and is_change:
            item.concept = "btc"
            named.append(item)
    return named


def _is_of_hashprice(hashprices: Sequence[Item]) -> bool:
    """Whether a supposition rests on these words; where none does they are of a hashprice again."""
    for item in hashprices:
        if not item.used:
            item.concept = "hashprice"
    return any(item.used for item in hashprices)


_NEAR_A_MOVE: Final = 4
"""Items within which a hashprice's change stands."""


def _name_difficulty(items: Sequence[Item]) -> None:
    """“si el próximo ajuste viene −7 %”: what changes at a retarget is the difficulty."""
    if any(item.concept == "difficulty" for item in items):
        return
    for index, item in enumerate(items):
        shares = [
            each for each in items[index + 1 : index + 4] if each.is_share and each.quantity is not None
        ]
        if item.concept == "retarget" and shares and shares[0].quantity and shares[0].quantity.signed:
            item.concept = "difficulty"


def _read_pairs(draft: QuestionDraft, changes: dict[str, ScenarioChange], *, keys: bool) -> bool:
    """`key=value`; gives whether the halving is supposed."""
    halving = False
    items = draft.items
    for index, item in enumerate(items):
        if item.text != "=" or index == 0 or index + 1 >= len(items):
            continue
        key_item, value = items[index - 1], items[index + 1]
        key = _KEY_WORDS.get(key_item.text)
        relative = (
            value.quantity is not None
            and value.quantity.unit is MeasureUnit.PERCENT
            and value.quantity.signed
        )
        if key is None or key_item.used or not (keys or relative):
            continue
        if key == "power" and value.quantity is not None and value.quantity.unit is MeasureUnit.WATTS:
            continue
        try:
            if key == "halving":
                halving = _yes(value)
            elif value.quantity is None:
                raise _no_value(value.text)
            elif value.quantity.unit is MeasureUnit.PERCENT:
                _add(changes, key, ScenarioChange(by=_believable(value.quantity.small / 100.0, value.text)))
            else:
                _add(changes, key, _level(draft, key, value, value.quantity))
        except InvalidQuestion as failure:
            raise failure.about(key_item.text, EXAMPLE) from None
        key_item.used = item.used = value.used = True
    return halving


def _no_value(text: str) -> InvalidQuestion:
    return InvalidQuestion(
        lambda t: t("“{text}” is no value; write 40000, 40k or -20%.", text=text[:30]), EXAMPLE
    )


def _yes(value: Item) -> bool:
    if value.text not in _YES:
        # Translators: follows “halving:”; {yes} and {no} are what to type.
        raise InvalidQuestion(
            lambda t: t("write {yes} or {no}.", yes="halving=yes", no="halving=no"), EXAMPLE
        )
    return _YES[value.text]


def _segments(items: list[Item]) -> list[list[Item]]:
    """The items between marks, conjunctions and conditions."""
    segments: list[list[Item]] = [[]]
    for item in items:
        mark = item.kind is ItemKind.SIGN and item.text in ",;.?!:" and not item.used
        if mark or item.concept in _STARTS or item.text in _CONTRASTING:
            segments.append([])
        segments[-1].append(item)
    return [segment for segment in segments if segment]


def _with_shared_moves(segments: list[list[Item]]) -> list[list[Item]]:
    """“if bitcoin drops 10 % and difficulty 5 %”: the verb of the one share is the other's too."""
    shared: list[list[Item]] = []
    for segment in segments:
        before = shared[-1] if shared else []
        joins = segment[0].concept == "and" and any(each.concept in _SUBJECTS for each in segment)
        has_share = any(each.is_share for each in segment) and any(each.is_share for each in before)
        verbs = [each for each in before if each.concept in FALLS | RISES]
        if joins and has_share and len(verbs) == 1 and not any(is_move(each) for each in segment):
            verb = verbs[0]
            segment = [*segment, Item(verb.kind, verb.text, segment[-1].end, segment[-1].end, verb.concept)]  # noqa: PLW2901 - the segment as it is meant
        shared.append(segment)
    return shared


def _is_bare_share(segment: list[Item], index: int) -> bool:
    """True for “difficulty up 15”: what moves is counted in nothing else."""
    item, before = segment[index], segment[index - 1] if index else None
    quantity = item.quantity
    behind = segment[index + 1] if index + 1 < len(segment) else None
    return (
        quantity is not None
        and quantity.unit is MeasureUnit.NUMBER
        and not quantity.per
        and not quantity.scaled
        and 1.0 <= quantity.small <= 100.0
        and before is not None
        and before.concept in ("up", "down")
        and any(each.concept in ("difficulty", "hashrate") for each in segment[:index])
        and (behind is None or (behind.quantity is None and behind.text not in _TIMES_WORDS))
    )


def _read_segment(  # noqa: PLR0912, PLR0915 - a table of cases, one branch each
    draft: QuestionDraft, segment: list[Item], changes: dict[str, ScenarioChange], *, supposes: bool
) -> None:
    moves = [item for item in segment if is_move(item) and not item.used]
    subjects = [
        item for item in segment if item.concept in _SUBJECTS and not item.used and not _is_pools(item)
    ]
    if any(item.concept == "growth" for item in segment):
        return
    if not subjects:
        _read_price_said_alone(draft, segment, changes)
        return
    for index, item in enumerate(segment):
        if item.used or item.concept not in _TIMES:
            continue
        subject = nearest(segment, index, subjects)
        if subject is None:
            continue
        if index + 1 < len(segment) and segment[index + 1].concept == "profit":
            raise open_word(draft.scanned, [item], offer=False)  # “at which price does the profit double?”
        _add(changes, _SUBJECTS[subject.concept], ScenarioChange(by=_TIMES[item.concept]))
        item.used = subject.used = True
    _read_times(segment, subjects, moves, changes)
    for index, item in enumerate(segment):
        quantity = item.quantity
        share = _SHARES.get(item.concept)
        percent = quantity is not None and (item.is_share or _is_bare_share(segment, index))
        if item.used or (share is None and not percent) or is_named(segment, index):
            continue
        move = nearest(segment, index, [move for move in moves if not move.used or len(moves) == 1])
        sign = sign_before(segment, index) if percent else 0
        signed = quantity is not None and (quantity.signed or sign != 0)
        if move is None and not signed:
            continue
        candidates = [
            subject
            for subject in subjects
            if not subject.used
            and (subject.concept != "pool_fee" or move is not None or (signed and not sign))
        ]
        subject = (
            mover(segment, index, move, candidates)
            or nearest(segment, index, candidates)
            or nearest(segment, index, [other for other in subjects if other.used])
        )
        if subject is None:
            continue
        amount = share if share is not None else (quantity.small / 100.0 if quantity else 0.0)
        if sign:
            amount *= sign
            segment[index - 1].used = True
        if not signed and move is not None:
            if to_before(segment, index, move):
                amount -= 1.0
            elif move.concept in FALLS or is_loss(move):
                amount = -amount
        _add(changes, _SUBJECTS[subject.concept], ScenarioChange(by=_believable(amount, item.text)))
        item.used = subject.used = True
        for each in segment:
            if is_move(each):
                each.used = True
    for index, item in enumerate(segment):
        quantity = item.quantity
        if item.used or quantity is None or quantity.unit is MeasureUnit.PERCENT:
            continue
        subject = nearest(
            segment, index, [other for other in subjects if not other.used and _fits(other, quantity)]
        )
        opens = segment[0].concept in ("if", "what_if")
        arrives = any(
            each.text in ARRIVALS or each.concept == "move" or (is_move(each) and each.text.endswith(" на"))
            for each in segment[:index]
        )
        fees = subject is not None and _SUBJECTS[subject.concept] == "fees"
        is_of_network = opens and subject is not None and _SUBJECTS[subject.concept] == "hashrate"
        moved = [move for move in moves if not loses_too(move)]
        if subject is None or not (
            moved or (supposes and (arrives or opens)) or (arrives and (fees or is_of_network))
        ):
            continue
        if _SUBJECTS[subject.concept] == "power" and not _moves_between(segment, subject, item):
            continue
        if _SUBJECTS[subject.concept] == "price" and quantity.large < 1000.0 and not quantity.scaled:
            raise doubtful(draft.scanned, item, [f"{quantity.large:g}k"])
        turns = [move for move in moves if move.concept in FALLS | RISES]
        by = index > 0 and segment[index - 1].text in _BY
        if turns and (by or not (arrives or any(to_before(segment, index, move) for move in turns))):
            raise nothing_supposed()  # “falls (by) 5000” is neither a new value nor a share
        key = _SUBJECTS[subject.concept]
        _add(changes, key, _level(draft, key, item, quantity))
        item.used = subject.used = True
        for each in segment:
            if is_move(each) or (fees and each.text in ("btc", "per", "a", "block", "pro", "je")):
                each.used = True
    if not supposes:
        return
    # “what if bitcoin, …”: a move without a size is asked about by the reader, since it stays unused


def _read_price_said_alone(
    draft: QuestionDraft, segment: list[Item], changes: dict[str, ScenarioChange]
) -> None:
    """“back to 45k but difficulty doubled”: only bitcoin's price gets to so much, beside another change."""
    if not draft.concepts() & _TIMES.keys() or draft.concepts() & {"btc", "btc_price"}:
        return
    for before, item in pairwise(segment):
        quantity = item.quantity
        is_level = quantity is not None and quantity.scaled and quantity.large >= _LIKE_BITCOIN
        if item.used or quantity is None or not is_level or quantity.per or before.text not in ARRIVALS:
            continue
        moves = [each for each in segment if is_move(each) or each.concept == "move"]
        if moves and quantity.unit in (MeasureUnit.NUMBER, MeasureUnit.MONEY):
            _add(changes, "price", _level(draft, "price", item, quantity))
            for each in (item, *moves):
                each.used = True
            return


_LIKE_BITCOIN: Final = 10_000.0


_TIMES: Final = {"double": 1.0, "halve": -0.5, "triple": 2.0, "quadruple": 3.0}
"""Verbs of a change, as a fraction."""
_TIMES_WORDS: Final = word_set("scenario_parser", "times_words")


def _read_times(
    segment: list[Item], subjects: list[Item], moves: list[Item], changes: dict[str, ScenarioChange]
) -> None:
    """“fees 3x”, “вырастет в 2 раза”, “bitcoin falls to a tenth” by its factor; beside a half it is asked."""
    if any(each.concept in _SHARES for each in segment):
        return
    for index, item in enumerate(segment[:-1]):
        quantity, behind = item.quantity, segment[index + 1]
        plain = quantity is not None and quantity.unit is MeasureUnit.NUMBER and not quantity.per
        if item.used or quantity is None or not plain or quantity.small <= 1.0:
            continue
        if behind.text not in _TIMES_WORDS:
            continue
        if behind.text == "x" and index + 2 < len(segment) and segment[index + 2].mention is not None:
            continue  # “3x S19”
        subject = nearest(segment, index, [each for each in subjects if not each.used])
        if subject is None:
            continue
        falls = any(move.concept in FALLS for move in moves if not loses_too(move))
        _add(
            changes,
            _SUBJECTS[subject.concept],
            ScenarioChange(by=1.0 / quantity.small - 1.0 if falls else quantity.small - 1.0),
        )
        item.used = behind.used = subject.used = True
        for each in segment:
            each.used = each.used or is_move(each)


def _moves_between(segment: list[Item], subject: Item, amount: Item) -> bool:
    """True where it is the power price that is said to change, not something else beside it."""
    places = sorted(index for index, item in enumerate(segment) if item is subject or item is amount)
    for index in range(max(0, places[0] - 2), min(len(segment), places[-1] + 3)):
        item = segment[index]
        if is_move(item) or item.text in ARRIVALS or item.concept == "move":
            before = [each for each in segment[:index] if each.concept in _SUBJECTS]
            if not before or before[-1] is subject or not is_move(item):
                return True
    return False


def _is_pools(item: Item) -> bool:
    """True for a fee that is the pool's and none of a block's: “if the pool fee rises to 3 %”."""
    return item.concept == "pool_fee" and item.text not in ANY_FEES


def _fits(subject: Item, quantity: Measure) -> bool:
    energy = bool(set(quantity.per) & {"kwh", "mwh"}) or quantity.cents
    match _SUBJECTS[subject.concept]:
        case "price":
            return (
                not energy
                and quantity.unit in (MeasureUnit.MONEY, MeasureUnit.NUMBER)
                and quantity.large >= 20
                and not quantity.per
            )
        case "hashrate":
            return quantity.unit is MeasureUnit.THS and quantity.large >= 1e6
        case "difficulty":
            return quantity.unit in (MeasureUnit.T, MeasureUnit.NUMBER)
        case "fees":
            return quantity.currency is Currency.BTC or (
                quantity.unit is MeasureUnit.NUMBER and quantity.small < 50
            )
        case _:
            return energy or (quantity.unit is MeasureUnit.MONEY and quantity.small < 2)


def _add(changes: dict[str, ScenarioChange], key: str, change: ScenarioChange) -> None:
    if changes.setdefault(key, change) != change:
        # Translators: {key} is what was typed before “=”, such as price.
        raise InvalidQuestion(
            lambda t: t("I read two different values of {key}; give one.", key=key), EXAMPLE
        )


def _believable(by: float, text: str) -> float:
    if not -1.0 < by <= 100.0:
        raise InvalidQuestion(
            # Translators: {change} is what was typed; {low} is “−100 %”, {high} “10,000 %”.
            lambda t: t(
                "{change} can't be; a change is above {low} and at most {high}.",
                change=text,
                low=f"−{t.number(100)} %",
                high=f"{t.number(10_000)} %",
            ),
            EXAMPLE,
        )
    return by


def _level(draft: QuestionDraft, key: str, item: Item, quantity: Measure) -> ScenarioChange:
    """The new value of a figure."""
    if key == "price":
        money = draft.amount(quantity)
        return ScenarioChange(check("btc_price_usd", money.amount), currency=money.currency)
    if key == "power":
        money = draft.per_kwh(item, quantity)
        return ScenarioChange(money.amount, currency=money.currency)
    if key == "hashrate":
        ehs = quantity.large / 1e6 if quantity.unit in (MeasureUnit.THS, MeasureUnit.T) else quantity.large
        return ScenarioChange(check("network_hashrate_ehs", ehs))
    if key == "fees":
        return ScenarioChange(check("fees_btc_per_block", quantity.small))
    return ScenarioChange(draft.difficulty(item, quantity))


def name_subject_again(draft: QuestionDraft, before: Scenario) -> None:
    """“And if it rises 20 %?” behind a supposition: what moved there moves again."""
    items = draft.items
    moves = [item for item in items if item.concept in FALLS | RISES]
    if len(moves) != 1 or any(item.concept in _SUBJECTS or item.mention is not None for item in items):
        return
    said = [key for key in ("price", "hashrate", "difficulty", "fees") if getattr(before, key) is not None]
    if len(said) == 1 and any(item.is_share for item in items):
        word = "btc" if said[0] == "price" else said[0]
        start = moves[0].start
        items.insert(items.index(moves[0]), Item(ItemKind.WORD, word, start, start, word))


def names_subject(draft: QuestionDraft) -> bool:
    """True when something is spoken of that can be supposed to be different."""
    return any(item.concept in _SUBJECTS or item.concept in ("halving", *KEYS) for item in draft.items)


def nothing_supposed() -> InvalidQuestion:
    """The refusal of a supposition that supposes nothing."""
    # Translators: {keys} is a list of what can be typed, such as “price=, hashrate=”.
    return InvalidQuestion(
        lambda t: t("What should be different? I know {keys}.", keys=", ".join(f"{key}=" for key in KEYS)),
        EXAMPLE,
    )
