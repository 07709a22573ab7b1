"""Power that is told by its bill: what a kWh costs follows where machines draw all of it."""

import re
from collections.abc import Sequence
from typing import Final

from bot.mining.errors import Choice, InvalidQuestion, verbatim
from bot.mining.machine_names import short_name
from bot.mining.parsing.items import Item
from bot.mining.parsing.measures import Measure, MeasureUnit
from bot.mining.parsing.question_draft import DAYS, QuestionDraft
from bot.mining.parsing.units import Currency

_BILL: Final = re.compile(
    r"(?<!\w)(?:bills?|invoice|stromrechnung|rechnung|abschlag|recibo|factura|boleta|сч[её]т\w*"
    r"|квитанц\w+|платёжк\w+|платежк\w+)(?!\w)|账单|电费单"
)
_SPANS: Final = frozenset({"month", "past"})
_OTHER_COSTS: Final = frozenset({"hosting", "hosted", "debt", "fixed", "running_cost", "heat", "included"})
_LEAST, _MOST = 0.003, 1.0
"""What a kWh costs, US dollars or euros."""


def names_bill(items: Sequence[Item]) -> bool:
    """True where a bill is spoken of."""
    return any(_BILL.search(item.text) for item in items)


def of_bill(draft: QuestionDraft, item: Item, quantity: Measure) -> InvalidQuestion | None:
    """The question whether an amount is the machines' bill of power for a month, with what a kWh costs then.

    None where nothing speaks of a bill, or what the machines draw isn't known.
    """
    concepts = draft.concepts()
    span = set(quantity.per) & set(DAYS)
    is_paid_monthly = "power" in concepts and (concepts & _SPANS or span)
    if not names_bill(draft.items) and not is_paid_monthly:
        return None
    if not draft.names_machine and names_bill(draft.items):
        return InvalidQuestion(
            lambda t: t("Which machine? Name a model, or its hashrate and power."),
            f"9 x s19 bill {item.text}",
        )
    if len(draft.machines) != 1 or concepts & _OTHER_COSTS or span - {"month"} or quantity.cents:
        return None
    if quantity.unit is not MeasureUnit.MONEY or draft.names_power_price:
        return None
    model, bin_ths, _ = draft.machines[0]
    count = draft.total_count or 1.0
    watts = draft.numbers.get("power_w", draft.catalogue.pick(model, bin_ths).power_w)
    money = draft.amount(quantity, own=True)
    per_kwh = money.amount / (count * watts / 1000.0 * 24.0 * DAYS["month"])
    if money.currency in (Currency.USD, Currency.EUR) and not _LEAST <= per_kwh <= _MOST:
        return None
    price = f"{per_kwh:.4f} {money.currency}/kWh"
    machines = short_name(model) if count == 1.0 else f"{count:g} x {short_name(model)}"
    return InvalidQuestion(
        # Translators: {amount} is a bill such as “$1,930”, {machines} such as “9 x S19”, {price} of a kWh.
        lambda t: t(
            "With {machines} running all month and nothing else on the bill, {amount} is {price}. "
            "Is that right?",
            amount=item.text[:30],
            machines=machines,
            price=price,
        ),
        f"/breakeven {machines} {price}",
        (Choice(verbatim(price), f"{machines} {price}"),),
    )
