"""Questions about several machines: compared, against their nameplate, or the best of all."""

from dataclasses import replace
from typing import Final

from bot.mining.economics import Rig
from bot.mining.errors import InvalidQuestion
from bot.mining.parsing.items import Item
from bot.mining.parsing.leftovers import check_leftovers
from bot.mining.parsing.makers import models_of
from bot.mining.parsing.question_draft import CHOOSING, QuestionDraft
from bot.mining.parsing.question_parser import question_of, two_machines
from bot.mining.parsing.running_costs import EACH, shared_out
from bot.mining.parsing.scenario_parser import MOVES
from bot.mining.parsing.site_power import models_fed
from bot.mining.question import MachineComparison
from bot.mining.scenario import Scenario

MOST_COMPARED: Final = 5


def compared(draft: QuestionDraft, scenario: Scenario) -> MachineComparison:
    """Several machines side by side. Raises InvalidQuestion where it isn't clear how many there are."""
    machines = draft.machines
    unclear = None in draft.counts and "compare" not in draft.concepts()
    unclear = unclear or not draft.numbers.keys().isdisjoint(("power_w", "efficiency_j_per_th"))
    if len(machines) > MOST_COMPARED or unclear:
        raise two_machines(draft)
    counts = [
        int(count or 1) for count in draft.counts or ([1] * len(machines) if draft.adds_machines else [])
    ]
    questions = tuple(question_of(draft, (model, bin_ths)) for model, bin_ths, _ in machines)
    questions = tuple(
        replace(question, rig=replace(question.rig, power_w=draft.powers_w.get(number, question.rig.power_w)))
        for number, question in enumerate(questions)
    )
    if counts:
        questions = shared_out(
            draft,
            [replace(question, count=count) for question, count in zip(questions, counts, strict=True)],
        )
    if draft.prices:
        questions = tuple(
            replace(question, machine_price=price)
            for question, price in zip(questions, draft.prices, strict=True)
        )
    elif "machine_price" in draft.money and (new := _bought(draft)) is not None:
        questions = tuple(
            question if number == new else replace(question, machine_price=None)
            for number, question in enumerate(questions)
        )
    elif "machine_price" in draft.money and not any(item.text in EACH for item in draft.items):
        raise InvalidQuestion(
            lambda t: t("What does each machine cost? Write it behind its name."),
            "s19 420$ vs s21 2600$ 6c",
        )
    if draft.tariffs:
        questions = tuple(
            replace(question, power_price=price)
            for question, price in zip(questions, draft.tariffs, strict=True)
        )
    by_limit = asks_for_first(draft)
    more = STOPPING if by_limit else {"first"} if "payback" in draft.concepts() else frozenset()
    check_leftovers(draft, CHOOSING | {"who"} | passed_over(scenario) | more)
    return MachineComparison(questions, scenario, by_limit, adds=draft.adds_machines)


def _bought(draft: QuestionDraft) -> int | None:
    """The number of the one of two machines whose price is given, where it takes the place of the other."""
    if len(draft.machines) != 2 or not draft.concepts() & {"compare", "selling"}:
        return None
    mentions = [item for item in draft.items if item.mention is not None]
    amount = next((item for item in draft.items if item.quantity is not None and _is_price(item)), None)
    if amount is None:
        return None
    before = [item for item in mentions if item.start < amount.start]
    named = before[-1] if before else mentions[0]
    models = [model for model, _, _ in draft.machines]
    named_models = named.mention.models if named.mention is not None else ()
    of_it = [models.index(model) for model in named_models if model in models]
    return of_it[0] if len(of_it) == 1 else None


def _is_price(item: Item) -> bool:
    quantity = item.quantity
    return quantity is not None and not quantity.cents and quantity.large >= _CHEAPEST and not quantity.per


_CHEAPEST: Final = 20.0
"""Less than this is no machine's price."""


STOPPING: Final = frozenset(
    {
        "first",
        "shut_off",
        "gone",
        "down",
        "if",
        "when",
        "profit",
        "negation",
        "stop",
        "breakeven",
        "breakeven_btc",
    }
)
"""What says of several machines that one of them stops paying first."""


def asks_for_first(draft: QuestionDraft, *, goes_on: bool = False) -> bool:
    """True for “which one goes off first when bitcoin falls?”, behind a comparison for “which first?”."""
    concepts = draft.concepts()
    stops = goes_on or bool(concepts & (STOPPING - {"first", "if", "when"}))
    return "first" in concepts and "payback" not in concepts and stops


def against_nameplate(draft: QuestionDraft, scenario: Scenario) -> MachineComparison:
    """A machine's own figures beside those of its nameplate: “S19 at 75 TH 2200 W, better than stock?”."""
    if scenario.supposes:
        raise two_machines(draft)
    question, (model, _, _) = question_of(draft), draft.machines[0]
    usual = draft.catalogue.pick(model)
    for concept in ("nameplate", "compare", "mode", *CHOOSING):
        draft.use(concept)
    check_leftovers(draft)
    rig = Rig(usual.hashrate_ths, usual.power_w, model)
    return MachineComparison((question, replace(question, rig=rig, scaled=False, disputed=usual.disputed)))


def most_efficient(draft: QuestionDraft) -> MachineComparison:
    """The question which machine is best: the models that need least power for their hashrate, compared."""
    catalogue = draft.catalogue
    models = sorted(
        models_of(catalogue, draft.makers), key=lambda model: catalogue.pick(model).efficiency_j_per_th
    )
    models = models_fed(draft, models)
    concepts = draft.concepts()
    of_all = "profit" in concepts and not concepts & {"best", "compare", "machine_price", "payback"}
    chosen = models if of_all else models[:MOST_COMPARED]
    first = question_of(draft, (chosen[0], None))
    if draft.site_power_w is None:  # all is the same but for the machine
        machines = [catalogue.pick(model) for model in chosen]
        questions = tuple(
            replace(first, rig=machine.rig(), disputed=machine.disputed) for machine in machines
        )
    else:
        questions = tuple(question_of(draft, (model, None)) for model in chosen)
    for concept in CHOOSING:
        draft.use(concept)
    check_leftovers(draft)
    return MachineComparison(questions, of_all=of_all, makers=draft.makers)


def passed_over(scenario: Scenario) -> frozenset[str]:
    """Meanings that a supposition has used up, such as when difficulty changes."""
    if not scenario.supposes:
        return frozenset()
    if scenario.difficulty is None and scenario.hashrate is None and not scenario.halving:
        return MOVES
    return MOVES | {"retarget", "after_retarget", "tomorrow"}
