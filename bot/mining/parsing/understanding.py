"""What a message asks: a break-even, a supposition, a comparison, or what a command answers."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from bot.mining.errors import Choice, InvalidQuestion, verbatim
from bot.mining.goal import Goal, GoalRequest
from bot.mining.machines import Catalogue
from bot.mining.mining_time import MinedAmount
from bot.mining.parsing.answer_currency import in_another_currency
from bot.mining.parsing.asked_about import asks_how_reckoned
from bot.mining.parsing.asked_commands import certain_command, command_of, topic_of
from bot.mining.parsing.asker import Asker
from bot.mining.parsing.asking import SUPPOSED, asks, has_pairs, like_a_tariff, moves
from bot.mining.parsing.clarifications import about_past, open_word
from bot.mining.parsing.command_dialogue import following_command, offered_anew, taken_or_added
from bot.mining.parsing.command_following import asks_ahead
from bot.mining.parsing.command_ranking import is_about_command
from bot.mining.parsing.command_request import AHEAD, DOUBTED, RECKONED, CommandRequest
from bot.mining.parsing.comparisons import against_nameplate, compared, most_efficient, passed_over
from bot.mining.parsing.continuation import (
    check_purpose,
    following,
    gives_tariff,
    is_compared,
    only_names_machine,
    opens,
    with_last_tariff,
    with_series,
)
from bot.mining.parsing.conversion_parser import read_conversion
from bot.mining.parsing.follow_up import Answerable, Asked, AskedQuestion, CommandDone
from bot.mining.parsing.goal_parser import read_goal, read_hashrate_goal, refuse_number_without_goal
from bot.mining.parsing.halving_parser import read_halving_year, read_halvings
from bot.mining.parsing.intents import ONLY_SHOWN
from bot.mining.parsing.items import Item, ItemKind, scan
from bot.mining.parsing.later_corrections import (
    Correction,
    corrected_text,
    correction_of,
    is_number,
    number_alone,
)
from bot.mining.parsing.leftovers import check_leftovers
from bot.mining.parsing.machine_mentions import read_machines, read_own_figures
from bot.mining.parsing.mining_time_parser import mining_time_request, read_mined_amount
from bot.mining.parsing.past_parser import names_only_past, read_past
from bot.mining.parsing.projection_parser import changes_by_the_month, check_end, projection_of
from bot.mining.parsing.question_draft import CHOOSING, QuestionDraft
from bot.mining.parsing.question_parser import REFERENCE, draft_of, question_of, read_rest, two_machines
from bot.mining.parsing.required_price_parser import price_request, read_price_aim
from bot.mining.parsing.scenario_levels import asks_of_now_too, with_levels
from bot.mining.parsing.scenario_parser import (
    MOVES,
    name_subject_again,
    names_subject,
    nothing_supposed,
    read_scenario,
)
from bot.mining.parsing.slang import spelt_out
from bot.mining.parsing.tariff_hours import read_hours
from bot.mining.parsing.tokens import normalize
from bot.mining.parsing.units import Money
from bot.mining.past import PastRequest, PastSpan
from bot.mining.question import Focus, Question
from bot.mining.required_price import PriceAim, Sought
from bot.mining.scenario import Scenario
from bot.mining.whatif import WhatIf

_NO_MACHINES: Final = Catalogue(())


Understanding = Answerable | CommandRequest


def understand(
    text: str,
    catalogue: Catalogue,
    asker: Asker | None = None,
    *,
    strict: bool = False,
    before: Asked | None = None,
) -> Understanding | None:
    """What a text asks; None when it asks nothing I could answer.

    What is not understood as it was typed is read with its slang in full. The rest as `_as_typed`.
    """
    asker = asker or Asker()
    if strict or (in_full := spelt_out(text, asker.language)) == text:
        return _as_typed(text, catalogue, asker, strict=strict, before=before)
    failure: InvalidQuestion | None = None
    understood: Understanding | None = None
    try:
        understood = _as_typed(text, catalogue, asker, strict=strict, before=before)
    except InvalidQuestion as raised:
        failure = raised
    if understood is None:
        try:
            understood = _as_typed(in_full, catalogue, asker, strict=strict, before=before)
        except InvalidQuestion as raised:
            raise failure or raised from None
    if understood is None and failure is not None:
        raise failure
    return understood


def _as_typed(
    text: str, catalogue: Catalogue, asker: Asker, *, strict: bool, before: Asked | None
) -> Understanding | None:
    """The same of a text as it stands; None when it asks nothing I could answer.

    `strict` is the text of `/breakeven`. `before` is the question or command answered last in the same place,
    which a text that names nothing of its own goes on from. Raises InvalidQuestion when it asks, but not so
    that it can be answered.
    """
    is_first, is_question = before is None, isinstance(before, AskedQuestion)
    goal: Goal | None = None
    if not strict and isinstance(before, Question) and asks_how_reckoned(normalize(text)):
        return CommandRequest(RECKONED)
    if not strict and isinstance(before, AskedQuestion) and (anew := in_another_currency(text, before)):
        return anew
    if isinstance(before, CommandDone):
        going_on = None if strict else following_command(text, before, catalogue, asker)
        if going_on is not None:
            return going_on
        if not strict and (offered := offered_anew(text, before, catalogue, asker)) is not None:
            return offered if offered.name == "watch" else None
        if before.command.name != "breakeven" and names_only_past(normalize(text)):
            return None  # of the figure shown last, not of the question before it
        goal, before = before.goal, before.question
    if not strict and taken_or_added(text, before, catalogue, asker) is not None:
        return None
    correction = None if strict or is_first else correction_of(text)
    if correction is None and is_question and not strict:
        correction = number_alone(text)
    if correction is not None and before is not None:
        meant = _correcting(text, correction, before, catalogue, asker, is_question=is_question)
        corrected = meant and _understood(meant, catalogue, asker, before, strict=False, corrects=True)
        if corrected:
            return _reaching(goal, corrected, before)
    understood = _understood(text, catalogue, asker, before, strict=strict)
    if understood is None and is_question and not strict and asks_ahead(normalize(text)):
        return CommandRequest(AHEAD)
    if understood is None and correction is not None:  # “no, hashprice” behind the price
        shown = certain_command(correction.meant, catalogue, asker)
        return shown if shown is not None and shown.name in ONLY_SHOWN else None
    return _reaching(goal, understood, before)


def _reaching(
    goal: Goal | None, understood: Understanding | None, before: AskedQuestion | None
) -> Understanding | None:
    """“And with an S19?” behind “how many for 500 USD a month?”: the number of these for the same goal."""
    if goal is None or not isinstance(understood, Question) or not isinstance(before, Question):
        return understood
    same = (understood.count, understood.period) == (before.count, before.period)
    is_other = understood.rig != before.rig or understood.power_price != before.power_price
    return GoalRequest(replace(understood, count=1), goal) if same and is_other else understood


def _correcting(
    text: str,
    correction: Correction,
    before: AskedQuestion,
    catalogue: Catalogue,
    asker: Asker,
    *,
    is_question: bool,
) -> str | None:
    """What a text asks that corrects the question before; None for any other text.

    A bare number does so only right behind a question: behind more it may be of that.
    """
    own = certain_command(text, catalogue, asker)
    if own is not None and own.name != DOUBTED:  # “that's wrong, I pay 8” says what is right
        return None
    if not is_question and is_number(correction.meant):
        return None
    return corrected_text(correction, before)


def _understood(
    text: str,
    catalogue: Catalogue,
    asker: Asker,
    before: AskedQuestion | None,
    *,
    strict: bool,
    corrects: bool = False,
) -> Understanding | None:
    """The same where the text does not go on from a command; `corrects` what is meant as the one before."""
    try:
        draft = draft_of(text, catalogue, asker, strict=strict)
    except InvalidQuestion:
        if not strict and (request := certain_command(text, catalogue, asker)) is not None:
            return request  # “plot hashprice 1y”: what is no unit of a machine may be one of a command
        raise
    machines = any(item.kind is ItemKind.MACHINE for item in draft.items)
    if before is not None and not machines and (longer := with_series(text, before, catalogue)) != text:
        text, machines = longer, True
        draft = draft_of(text, catalogue, asker, strict=strict)
    items = draft.items
    if not strict and not machines and (other := read_conversion(draft) or read_hashrate_goal(draft)):
        return other
    topic = None if strict else topic_of(text, catalogue, asker, draft.scanned)
    command = None if topic is None else command_of(text, topic, catalogue, asker)
    if command is not None and command.is_certain:
        return command.request
    has_tariff = any(like_a_tariff(each.quantity) for each in items if each.quantity)
    if command is not None and (before is None or machines) and not (machines and has_tariff):
        return None
    concepts = draft.concepts()
    if not strict and not _asks(draft, machines=machines, before=before):
        return None
    if topic is not None and before is None and is_about_command(topic):
        return None
    halving_year, halvings = read_halving_year(draft), read_halvings(draft)
    check_end(draft)
    span = read_past(draft)
    read_machines(draft, goes_on=before is not None)
    read_own_figures(draft)
    draft.keeps_tariff = gives_tariff(before)
    _check_what_moves(draft, before)
    read_hours(draft)
    scenario = read_scenario(draft, keys=False) if concepts & SUPPOSED or has_pairs(items) else Scenario()
    scenario = (
        scenario if not scenario.halving else replace(scenario, halving_year=halving_year, halvings=halvings)
    )
    is_level = scenario.price is not None and not scenario.beyond_price and "what_if" not in concepts
    if is_level and scenario.price is not None and not asks_of_now_too(items):
        price = scenario.price
        draft.money["btc_price"] = Money(price.to or 0.0, price.currency)
        scenario = Scenario()
    draft.use("what_if")
    aim = None if span is not None else _aim_of(draft, before)
    read_rest(draft)
    refuse_number_without_goal(draft, aim if isinstance(aim, Goal) else None)
    scenario = with_levels(draft, scenario)
    chooses = not draft.names_machine and bool(concepts & CHOOSING) and "power_price" in draft.money
    if aim is not None:
        return _towards(draft, aim, scenario, before, strict=strict)
    is_whole = draft.names_machine and draft.names_power_price
    goes_on = (corrects and not is_whole) or not draft.names_machine or opens(items) or is_compared(draft)
    goes_on = (goes_on or only_names_machine(items)) and len(draft.machines) < 2  # which are compared
    if before is not None and not chooses and goes_on:
        asked = _ahead(draft, following(draft, scenario, before), scenario, before)
    else:
        asked = with_last_tariff(_asked_anew(draft, scenario, strict=strict, chooses=chooses), before)
    return asked if span is None else _in_the_past(draft, asked, span)


def _check_what_moves(draft: QuestionDraft, before: AskedQuestion | None) -> None:
    """Name what “and if it rises 20 %” moves, and ask what “and for 20?” is, behind another question."""
    check_purpose(draft, before)
    if isinstance(before, WhatIf):
        name_subject_again(draft, before.scenario)


def _ahead(
    draft: QuestionDraft, asked: AskedQuestion, scenario: Scenario, before: AskedQuestion
) -> Answerable:
    """The same over several months, where something goes on changing: “and with difficulty +3 % a month?”."""
    question = asked.question if isinstance(asked, WhatIf) and not isinstance(before, WhatIf) else asked
    if isinstance(question, Question) and isinstance(before, Question) and before.focus is Focus.PAYBACK:
        question = replace(question, focus=before.focus)  # “every month” is how it grows then
    return (isinstance(question, Question) and projection_of(draft, question, scenario)) or asked


def _asks(draft: QuestionDraft, *, machines: bool, before: AskedQuestion | None) -> bool:
    """True when a text is a question for the calculator, or names a time gone by for the one before."""
    is_of_then = before is not None and names_only_past(draft.scanned.plain)
    return is_of_then or draft.circuit is not None or asks(draft.items, machines=machines, before=before)


def _aim_of(draft: QuestionDraft, before: AskedQuestion | None) -> PriceAim | Goal | MinedAmount | None:
    """What a price, a number of machines or a time is asked for; None for any other question."""
    return read_goal(draft) or read_mined_amount(draft, goes_on=before is not None) or read_price_aim(draft)


def _towards(
    draft: QuestionDraft,
    aim: PriceAim | Goal | MinedAmount,
    scenario: Scenario,
    before: AskedQuestion | None,
    *,
    strict: bool,
) -> Answerable:
    """A question for a price, machines or a time. Raises InvalidQuestion where it supposes something else."""
    if isinstance(aim, MinedAmount):
        return with_last_tariff(mining_time_request(draft, aim, scenario, before), before)
    if isinstance(aim, PriceAim):
        request = price_request(draft, aim, scenario, before)
        return request if aim.sought is Sought.POWER_PRICE else with_last_tariff(request, before)
    asked = _asked_anew(draft, scenario, strict=strict, chooses=False)
    if not isinstance(asked, Question):
        raise nothing_supposed()
    return with_last_tariff(GoalRequest(asked, aim), before)


_OF_THEN: Final = frozenset({Focus.PROFIT, Focus.BITCOIN, Focus.ENERGY})
"""What can be asked of a time gone by."""


def _in_the_past(draft: QuestionDraft, asked: Answerable, span: PastSpan) -> PastRequest:
    """A question of a time gone by. Raises InvalidQuestion for one that supposes other figures."""
    if not isinstance(asked, Question) or asked.focus not in _OF_THEN or asked.gives_market:
        raise about_past(draft.scanned, draft.past_items, offer=draft.names_machine)
    return PastRequest(replace(asked, period="day"), span)


def _asked_anew(draft: QuestionDraft, scenario: Scenario, *, strict: bool, chooses: bool) -> Answerable:
    """What a text asks that does not go on from another."""
    items, concepts = draft.items, draft.concepts()
    if not scenario.supposes and "what_if" in concepts and names_subject(draft) and moves(items):
        raise nothing_supposed()
    if not draft.names_machine and scenario.supposes:
        if changes_by_the_month(draft):
            raise _which_machine(draft.scanned.typed)
        check_leftovers(draft, MOVES)
        return WhatIf(question_of(draft, (REFERENCE, None)), scenario, reference=True)
    if len(draft.machines) > 1:
        return compared(draft, scenario)
    is_tuned = "nameplate" in concepts or {"mode", "compare"} <= concepts
    if is_tuned and len(draft.machines) == 1 and draft.gives_figures:
        return against_nameplate(draft, scenario)
    if chooses:
        return most_efficient(draft)
    if not draft.names_machine and not strict:
        _check_no_machine(draft, items)
    question = question_of(draft)
    ahead = projection_of(draft, question, scenario)
    if question.hashprice is not None and (ahead is not None or scenario.supposes):
        words = [item for item in draft.items if item.concept == "hashprice"]
        raise open_word(draft.scanned, words, offer=False)  # what it becomes then isn't said
    if ahead is not None:
        return ahead
    check_leftovers(draft, passed_over(scenario))
    if scenario.supposes:
        return WhatIf(question, scenario, reference=False)
    return question


def parse_whatif(text: str, catalogue: Catalogue, asker: Asker | None = None) -> WhatIf:
    """The supposition in what follows `/whatif`. Raises InvalidQuestion when there is none."""
    asker = asker or Asker()
    draft = draft_of(text, catalogue, asker, strict=True)
    read_machines(draft)
    scenario = read_scenario(draft, keys=True)
    draft.use("what_if")
    read_rest(draft)
    if not scenario.supposes and not any(item.text == "halving" for item in draft.items):
        raise nothing_supposed()
    if len(draft.machines) > 1:
        raise two_machines(draft)
    named = draft.names_machine
    question = question_of(draft) if named else question_of(draft, (REFERENCE, None))
    check_leftovers(draft, MOVES)
    return WhatIf(question, scenario, reference=not named)


def parse_scenario_fields(texts: Mapping[str, str]) -> Scenario:
    """The scenario in fields, such as {"price": "-20%"}. Raises InvalidQuestion."""
    text = " ".join(f"{key}={value}" for key, value in texts.items())
    draft = QuestionDraft(scan(text, _NO_MACHINES), _NO_MACHINES, Asker(), strict=True)
    scenario = read_scenario(draft, keys=True)
    check_leftovers(draft)
    return scenario


def _check_no_machine(draft: QuestionDraft, items: Sequence[Item]) -> None:
    """Raise the question for a machine, whose choices are the usual ones with the same words."""
    asked_text = " ".join(
        item.text for item in items if item.kind is ItemKind.MEASURE or item.concept in ("payback", "free")
    )
    unknown = [item for item in items if item.kind is ItemKind.UNKNOWN]
    if len(unknown) > 2:
        raise InvalidQuestion(
            lambda t: t(
                "I don't understand “{text}” in that question.",
                text=" ".join(item.text for item in unknown)[:40],
            )
        )
    raise _which_machine(asked_text)


def _which_machine(asked: str) -> InvalidQuestion:
    """The question for a machine, whose choices are the usual ones with the words that ask."""
    return InvalidQuestion(
        lambda t: t("Which machine? Name a model, or its hashrate and power."),
        "/breakeven s19 0.07",
        tuple(
            Choice(verbatim(model), f"{model} {asked}".strip())
            for model in ("S19", "S19j Pro", "S21", "S21 XP")
        )
        if len(asked) < _LONGEST_ASKED
        else (),
    )


_LONGEST_ASKED: Final = 50
"""Characters that a button can carry beside a machine's name."""
