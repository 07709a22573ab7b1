"""Questions over several months: “over 24 months, difficulty +3 % a month”."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.i18n.message import N_
from bot.mining.errors import Choice, InvalidQuestion, verbatim
from bot.mining.parsing.clarifications import label
from bot.mining.parsing.halving_parser import ends_at_halving
from bot.mining.parsing.items import Item, ItemKind
from bot.mining.parsing.leftovers import check_leftovers
from bot.mining.parsing.measures import MeasureUnit
from bot.mining.parsing.periods import period_within
from bot.mining.parsing.question_draft import DAYS, PERIODS_ASKED, QuestionDraft
from bot.mining.parsing.roles import word_set
from bot.mining.parsing.scenario_parser import MOVES, SUBJECTS, nothing_supposed
from bot.mining.projection import MOST_PAYBACK_MONTHS, ProjectionRequest
from bot.mining.question import Focus, Question
from bot.mining.scenario import Scenario

_MOST_A_MONTH: Final = 0.1
"""A change whose span of time is not said is one a month up to this; a larger one is asked about."""
_USUAL_MONTHS: Final = (12, 24, 36)
_OVER_MONTHS: Final[Mapping[str, str]] = {
    "en": "over {} months",
    "de": "über {} Monate",
    "es": "durante {} meses",
    "ru": "на {} месяцев",
    "zh": "未来{}个月",
}


def projection_of(draft: QuestionDraft, question: Question, scenario: Scenario) -> ProjectionRequest | None:
    """The question over several months; None for one about now. Raises InvalidQuestion for what goes on
    changing without an end."""
    if "months" in draft.numbers:
        return _projected(draft, question, scenario)
    changes = "growth" in draft.numbers or scenario.supposes
    if changes and any(period_of(draft, item) or _grows(draft, item) for item in _shares(draft)):
        if Focus.PAYBACK not in (draft.focus, question.focus):
            raise _how_long(draft)
        if question.machine_price is None:
            raise InvalidQuestion(
                lambda t: t(
                    "Give the machine's price for its payback: {example}.", example="machine-price=2400"
                ),
                "/breakeven s21 5c cost=2400$",
            )
        return _projected(draft, question, scenario)
    return None


def changes_by_the_month(draft: QuestionDraft) -> bool:
    """True for “difficulty +3 % a month”, which goes on, unlike “difficulty +3 %”."""
    return any(period_of(draft, item) for item in _shares(draft))


def check_end(draft: QuestionDraft) -> None:
    """Raise the question for a number of months where a span ends with the halving, whose day may shift."""
    ends = ends_at_halving(draft)
    if ends and (draft.concepts() & {"payback", "growth"} or any(each.mention for each in draft.items)):
        raise _how_long(draft, ends)


def _how_long(draft: QuestionDraft, end: Sequence[Item] = ()) -> InvalidQuestion:
    """What is asked where something goes on changing, and nothing but an `end` says how long."""
    text = draft.scanned.text_without(end)
    spans = [_OVER_MONTHS[draft.scanned.language].format(months) for months in _USUAL_MONTHS]
    return InvalidQuestion(
        lambda t: t("Over how many months?"),
        "/breakeven s21 6c over 24 months difficulty +3% a month",
        tuple(Choice(verbatim(span), f"{text} {span}") for span in spans),
    )


def _projected(draft: QuestionDraft, question: Question, scenario: Scenario) -> ProjectionRequest:
    """A question over several months; difficulty and price may change by a share a month."""
    changes = [change for change in (scenario.difficulty, scenario.price) if change is not None]
    absolute = any(change.to is not None for change in changes)
    if absolute or scenario.hashrate or scenario.power or scenario.fees or scenario.halving:
        raise nothing_supposed()
    difficulty = scenario.difficulty.by if scenario.difficulty else draft.numbers.get("growth", 0.0)
    price = scenario.price.by if scenario.price else 0.0
    for item in _shares(draft):
        share = item.quantity.small / 100.0 if item.quantity is not None else 0.0
        difficulty = _a_month(draft, item, difficulty) if abs(difficulty) == abs(share) else difficulty
        price = _a_month(draft, item, price) if abs(price) == abs(share) else price
    for item in draft.items:
        if item.concept in _OF_A_PATH:
            item.used = True
    check_leftovers(draft, MOVES)
    return ProjectionRequest(
        question=replace(question, period="day"),
        months=int(draft.numbers.get("months", MOST_PAYBACK_MONTHS)),
        difficulty_growth=difficulty,
        price_growth=price,
        resale=draft.numbers.get("resale", 0.0),
        until_paid="months" not in draft.numbers,
    )


def difficulty_growth(draft: QuestionDraft, scenario: Scenario) -> float:
    """The growth of difficulty a month, as a fraction, where nothing else is supposed to change.

    Raises InvalidQuestion for more, and where it isn't said in what time it grows.
    """
    if scenario != Scenario(difficulty=scenario.difficulty):
        raise nothing_supposed()
    change = scenario.difficulty
    growth = draft.numbers.get("growth", 0.0) if change is None else change.by
    if change is not None and change.to is not None:
        raise nothing_supposed()
    for item in _shares(draft):
        share = item.quantity.small / 100.0 if item.quantity is not None else 0.0
        growth = _a_month(draft, item, growth, at_most=0.0) if abs(growth) == abs(share) else growth
    for item in draft.items:
        if item.concept in _OF_A_PATH:
            item.used = True
    return growth


_OF_A_PATH: Final = frozenset({"month", "year", "week", "per", "growth", "projection", "retarget"})


def _a_month(draft: QuestionDraft, item: Item, change: float, at_most: float = _MOST_A_MONTH) -> float:
    """A change as one a month. Raises InvalidQuestion for a large one whose span of time is not said."""
    period = period_of(draft, item)
    if period:
        return float((1.0 + change) ** (DAYS["month"] / DAYS[period]) - 1.0)
    if abs(change) <= at_most:
        return change
    raise InvalidQuestion(
        # Translators: {text} is a share such as “30%”.
        lambda t: t("Is {text} for a month, or for a year?", text=item.text[:30]),
        "/breakeven s21 6c over 24 months difficulty +3% a month",
        tuple(
            Choice(label(name), draft.scanned.text_with(item, f"{item.text} per {period}"))
            for period, name in (("month", N_("per month")), ("year", N_("per year")))
        ),
    )


_NOW: Final = word_set("projection_parser", "now")
"""Words that mean this day, not each."""


def _shares(draft: QuestionDraft) -> list[Item]:
    """The shares by which something is supposed to change."""
    return [
        item
        for item in draft.items
        if item.used and item.quantity is not None and item.quantity.unit is MeasureUnit.PERCENT
    ]


def _grows(draft: QuestionDraft, item: Item) -> bool:
    """True for a share beside “growth”."""
    index = draft.items.index(item)
    return any(each.concept == "growth" for each in draft.items[max(0, index - 3) : index + 3])


def period_of(draft: QuestionDraft, item: Item) -> str:
    """The span of time a share is said to be for: “3 % a month”, “每月涨3%”; "" when none is."""
    within = () if item.quantity is None else item.quantity.per
    if said := next((unit for unit in within if unit in ("day", *PERIODS_ASKED)), ""):
        return said
    index = next(position for position, each in enumerate(draft.items) if each is item)
    for following in draft.items[index + 1 : index + 4]:
        if following.text in _NOW:
            break
        if following.text == "/":
            continue
        if following.concept in ("day", *PERIODS_ASKED):
            return following.concept
        if following.concept == "retarget" and draft.items[draft.items.index(following) - 1].concept == "per":
            return following.concept
        if following.concept not in ("per", "filler", "up", "down", "growth"):
            break
    for before in reversed(draft.items[max(0, index - 4) : index]):
        if before.concept in ("day", *PERIODS_ASKED):
            return before.concept
        if before.concept == "growth" and (within_word := period_within(before.text)):
            return within_word  # “难度每月涨”
        if before.kind is not ItemKind.WORD or before.concept in SUBJECTS | {"growth"}:
            break
    return ""
